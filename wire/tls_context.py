"""TlsContext: the server's certificate and what it asks of clients, loaded once.

PostgreSQL's manual, "Secure TCP/IP Connections with SSL"; the choices are those of its be-secure-openssl.c.
"""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from scramp import ScramException
from scramp.core import CBindData

from sqlvec.core.errors import ConfigFileError

APPLICATION_PROTOCOL = "postgresql"  # registered with IANA; PostgreSQL 17's direct TLS demands it


@dataclass(frozen=True, slots=True)
class TlsContext:
    """`server_end_point`: see Encryption. `asks_for_certificate`: clients may show one, and it is checked."""

    context: ssl.SSLContext
    server_end_point: bytes | None
    asks_for_certificate: bool


def load_tls_context(certificate: Path, key: Path, authorities: Path | None = None) -> TlsContext:
    """`certificate` holds the server's and those up to the root. Raises F0000 when one is no good."""
    _must_be_private(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    # Sessions are never resumed: they would outlive a certificate that has been replaced.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.set_alpn_protocols([APPLICATION_PROTOCOL])
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise ConfigFileError(
            f'could not load certificate "{certificate}" with private key "{key}": {_reason(error)}'
        ) from error
    if authorities is not None:
        _load_authorities(context, authorities)
    return TlsContext(context, _server_end_point(certificate), authorities is not None)


def _load_authorities(context: ssl.SSLContext, authorities: Path) -> None:
    try:
        context.load_verify_locations(authorities)
    except OSError as error:
        raise ConfigFileError(
            f'could not load root certificate file "{authorities}": {_reason(error)}'
        ) from error
    # Optional here: whether a client must show one depends on the rule that lets it in.
    context.verify_mode = ssl.CERT_OPTIONAL


def _must_be_private(key: Path) -> None:
    """Nobody else may read the key; a key of root's may be lent to our group."""
    try:
        state = key.stat()
    except OSError as error:
        raise ConfigFileError(f'could not access private key file "{key}": {_reason(error)}') from error
    allowed = 0o640 if state.st_uid == 0 else 0o600
    if stat.S_IMODE(state.st_mode) & ~allowed & 0o077:
        raise ConfigFileError(
            f'private key file "{key}" has group or world access',
            detail="File must have permissions u=rw (0600) or less if owned by the database user, "
            "or permissions u=rw,g=r (0640) or less if owned by root.",
        )


def _no_passphrase() -> str:
    raise ValueError("the private key is encrypted, and a server cannot be asked for its passphrase")


def _server_end_point(certificate: Path) -> bytes | None:
    """The digest of the server's certificate, by the algorithm it is signed with (RFC 5929, section 4.1)."""
    first = certificate.read_text(encoding="latin-1").partition("-----END CERTIFICATE-----")
    pem = "-----BEGIN CERTIFICATE-----" + first[0].rpartition("-----BEGIN CERTIFICATE-----")[2] + first[1]
    try:
        return bytes(CBindData.from_der(ssl.PEM_cert_to_DER_cert(pem)))
    except (ScramException, ValueError):
        return None  # no binding is offered then


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or str(error)
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
