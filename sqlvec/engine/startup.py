"""Settings from the start-up packet."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from sqlvec.core.errors import InvalidParameterValue
from sqlvec.core.settings.session import SessionSettings

_NOT_SETTINGS = ("user", "database", "options", "replication")


def startup_settings(parameters: Mapping[str, str], server: SessionSettings) -> SessionSettings:
    """What the client asked for, also by `options` (-c name=value), on top of the server's own."""
    settings = server
    if parameters.get("replication", "false").lower() not in ("false", "off", "no", "0"):
        raise InvalidParameterValue("replication connections are not supported")
    for name, value in _options(parameters.get("options", "")):
        settings = settings.with_start(name, value)
    for name, value in parameters.items():
        if name not in _NOT_SETTINGS and not name.startswith("_pq_."):
            settings = settings.with_start(name, value)
    return settings


def _options(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    words = iter(shlex.split(text))
    for word in words:
        if word == "-c":
            word = next(words, "")
        elif word.startswith("-c"):
            word = word[2:]
        elif word.startswith("--"):
            word = word[2:].replace("-", "_")
        else:
            raise InvalidParameterValue(f'invalid command-line argument for server process: "{word}"')
        name, separator, value = word.partition("=")
        if not separator:
            raise InvalidParameterValue(f'invalid command-line argument for server process: "{word}"')
        found.append((name, value))
    return found
