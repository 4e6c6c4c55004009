"""Credentials: the superuser's first password, as a verifier in the data directory.

Like initdb's --pwfile: it is taken once, when there is none yet. A password that is left behind in an
environment must not undo a later change.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from sqlvec.core.errors import ConfigFileError
from sqlvec.core.scram import ScramVerifier, verifier_to_store

from .config import ConfigError, ServerConfig

SUPERUSER = "postgres"
FILE = "credentials.json"

log = logging.getLogger("sqlvec")


@dataclass(frozen=True, slots=True)
class Credentials:
    """`mock_secret` makes the salts of users that do not exist; it must outlive the process, as salts do."""

    verifier: str | None = field(default=None, repr=False)
    mock_secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


def open_credentials(directory: Path | None, config: ServerConfig) -> Credentials:
    """Those of the data directory (None: in memory), or new ones from the password that is configured."""
    stored = None if directory is None else _load(directory / FILE)
    given = _password(config)
    if stored is not None:
        if given is not None and not _is_same(stored, given):
            log.warning("the password given is not the stored one, which stays in force")
        return stored
    if given is None:
        return Credentials()
    made = Credentials(verifier_to_store(given))
    if directory is not None:
        _save(directory / FILE, made)
    return made


def _is_same(stored: Credentials, given: str) -> bool:
    verifier = ScramVerifier.parse(stored.verifier or "")
    return stored.verifier == given or (verifier is not None and verifier.accepts(given))


def _password(config: ServerConfig) -> str | None:
    if config.password_file is None:
        return config.password
    try:
        lines = config.password_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"cannot read the password file {config.password_file}: {reason}") from error
    if not lines or not lines[0]:
        raise ConfigError(f"the password file {config.password_file} is empty")
    return lines[0]


def _load(file: Path) -> Credentials | None:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        verifier, mock_secret = values["superuser"], bytes.fromhex(values["mock_secret"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        # Going on without it could mean to let everybody in.
        raise ConfigFileError(f'could not read "{file}": {error}') from error
    if not isinstance(verifier, str) or ScramVerifier.parse(verifier) is None:
        raise ConfigFileError(f'"{file}" holds no SCRAM verifier')
    return Credentials(verifier, mock_secret)


def _save(file: Path, credentials: Credentials) -> None:
    """Whole or not at all, and readable by nobody else at any time."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    values = {"superuser": credentials.verifier, "mock_secret": credentials.mock_secret.hex()}
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        json.dump(values, opened)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
