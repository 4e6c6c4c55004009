"""Certificates: an authority, what it has signed, and what it has not, as files for clients and servers."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

YESTERDAY = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    certificate: Path
    key: Path


class Certificates:
    """Each is made when it is asked for; `authority` is trusted, `stranger` is not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA(organization_name="sqlvec tests")
        self._stranger = trustme.CA(organization_name="a stranger")
        self.authority = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.authority)
        self.stranger = folder / "stranger.pem"
        self._stranger.cert_pem.write_to_path(self.stranger)

    def server(self, *, not_after: datetime.datetime | None = None) -> Certificate:
        name = "server" if not_after is None else "expired"
        return self._write(name, self._authority.issue_cert("localhost", "127.0.0.1", not_after=not_after))

    def client(self, user: str, *, not_after: datetime.datetime | None = None) -> Certificate:
        issued = self._authority.issue_cert(f"{user}@example.org", common_name=user, not_after=not_after)
        return self._write(user if not_after is None else f"{user}-expired", issued)

    def strangers_client(self, user: str) -> Certificate:
        issued = self._stranger.issue_cert(f"{user}@example.org", common_name=user)
        return self._write(f"{user}-stranger", issued)

    def _write(self, name: str, issued: trustme.LeafCert) -> Certificate:
        written = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        written.key.touch(0o600)
        issued.private_key_pem.write_to_path(written.key)
        chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        written.certificate.write_bytes(chain)
        return written


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))
