"""TlsLayer: one client's TLS, between the bytes on the wire and the bytes of the protocol. No I/O.

OpenSSL over two buffers in memory instead of the event loop's own start_tls(): the same with uvloop and
asyncio, what has been read before the handshake can be handed over (direct TLS), and the one write
buffer stays the socket's, so that flow control is the same as without TLS.
"""

from __future__ import annotations

import contextlib
import ssl

from .protocol.encryption import ClientCertificate, Encryption
from .tls_context import TlsContext

FIRST_BYTE = 0x16  # of a TLS handshake; a start-up packet begins with 0, as it is short
PIECE = 256 * 1024  # bytes of plaintext taken out at a time


class TlsLayer:
    """The server's end. Every method may leave ciphertext in take_output(), also when it raises SSLError."""

    def __init__(self, tls: TlsContext) -> None:
        self._tls = tls
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = tls.context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_established = False
        self._is_ended = False

    @property
    def is_ended(self) -> bool:
        """Whether the client has said that no more will come."""
        return self._is_ended

    @property
    def encryption(self) -> Encryption | None:
        """What was agreed upon; None before the handshake is done."""
        if not self._is_established:
            return None
        cipher = self._object.cipher()
        return Encryption(
            self._object.version() or "",
            cipher[0] if cipher else "",
            self._object.selected_alpn_protocol(),
            self._tls.server_end_point,
            _client_certificate(self._object),
        )

    def receive(self, ciphertext: bytes) -> bytes:
        """The plaintext in it; none while the handshake is going on."""
        self._incoming.write(ciphertext)
        if not self._is_established and not self._shake_hands():
            return b""
        pieces = []
        try:
            while piece := self._object.read(PIECE):
                pieces.append(piece)
            self._is_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._is_ended = True
        return b"".join(pieces)

    def seal(self, plaintext: bytes) -> bytes:
        """The ciphertext to send for it."""
        with memoryview(plaintext) as view:
            sealed = 0
            while sealed < len(view):
                sealed += self._object.write(view[sealed:])
        return self.take_output()

    def take_output(self) -> bytes:
        """What TLS itself has to say: a step of the handshake, an alert, a new key."""
        return self._outgoing.read()

    def close(self) -> bytes:
        """The goodbye to send, which keeps the client from taking a cut for an end."""
        with contextlib.suppress(ssl.SSLError):  # its own goodbye is not waited for; or no handshake was done
            self._object.unwrap()
        return self.take_output()

    def _shake_hands(self) -> bool:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self._is_established = True
        return True


def _client_certificate(established: ssl.SSLObject) -> ClientCertificate | None:
    # Only a certificate that was verified has fields here.
    certificate = established.getpeercert()
    if not certificate:
        return None
    subject: tuple[tuple[tuple[str, str], ...], ...] = certificate.get("subject", ())  # type: ignore[assignment]
    names = [value for part in subject for key, value in part if key == "commonName"]
    return ClientCertificate(names[0] if names else None)
