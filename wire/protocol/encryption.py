"""Encryption: what is known of an encrypted connection, as a value; TLS itself is the transport's."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate that one of our authorities has signed; `common_name` is None when it has none."""

    common_name: str | None


@dataclass(frozen=True, slots=True)
class Encryption:
    """A TLS connection after its handshake.

    `server_end_point` is the channel binding data of RFC 5929, section 4; None when the server's
    certificate has no digest that it could be made with (Ed25519).
    """

    protocol: str  # such as "TLSv1.3"
    cipher: str
    application_protocol: str | None = None  # chosen by ALPN
    server_end_point: bytes | None = field(default=None, repr=False)
    client_certificate: ClientCertificate | None = None
