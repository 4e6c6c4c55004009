from __future__ import annotations

import logging
from pathlib import Path

import pytest

from sqlvec.config import ConfigError, ServerConfig
from sqlvec.core.errors import ConfigFileError
from sqlvec.core.scram import ScramVerifier
from sqlvec.credentials import FILE, Credentials, open_credentials


def accepts(credentials: Credentials, password: str) -> bool:
    verifier = ScramVerifier.parse(credentials.verifier or "")
    return verifier is not None and verifier.accepts(password)


def test_without_a_password_nothing_is_written(tmp_path: Path):
    assert open_credentials(tmp_path, ServerConfig()).verifier is None
    assert list(tmp_path.iterdir()) == []


def test_a_password_is_stored_as_a_verifier_of_ours_alone(tmp_path: Path):
    made = open_credentials(tmp_path, ServerConfig(password="secret"))
    assert accepts(made, "secret")
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "secret" not in file.read_text().replace("mock_secret", "")
    assert open_credentials(tmp_path, ServerConfig()) == made


def test_the_stored_password_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    made = open_credentials(tmp_path, ServerConfig(password="secret"))
    assert open_credentials(tmp_path, ServerConfig(password="secret")) == made
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        assert open_credentials(tmp_path, ServerConfig(password="other")) == made
    assert "the password given is not the stored one" in caplog.text


def test_a_database_in_memory_keeps_it_there():
    assert accepts(open_credentials(None, ServerConfig(password="secret")), "secret")


def test_the_first_line_of_a_file_is_the_password(tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("  with blanks \nsecond line\n")
    assert accepts(open_credentials(None, ServerConfig(password_file=file)), "  with blanks ")


def test_a_file_may_hold_a_verifier(tmp_path: Path):
    verifier = str(ScramVerifier.of_password("secret"))
    file = tmp_path / "password"
    file.write_text(verifier + "\n")
    assert open_credentials(None, ServerConfig(password_file=file)).verifier == verifier


@pytest.mark.parametrize("content", [None, "", "\n", b"\xff"])
def test_a_bad_password_file_is_explained(tmp_path: Path, content: str | bytes | None):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError, match=r"password file .* is empty|cannot read the password file"):
        open_credentials(None, ServerConfig(password_file=file))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"superuser": "x", "mock_secret": "00"}', "\udcff"])
def test_damaged_credentials_stop_the_server(tmp_path: Path, content: str):
    (tmp_path / FILE).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ConfigFileError):
        open_credentials(tmp_path, ServerConfig())
