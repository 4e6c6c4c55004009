"""SocketStream: one client's socket on its event loop, with flow control in both directions, and TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

from .protocol.encryption import Encryption
from .tls import TlsLayer
from .tls_context import TlsContext

STRANGER_READ_MARK = 16 * 1024  # as READ_MARK, before we know who it is: a start-up packet has 10,000
READ_MARK = 1024 * 1024  # bytes waiting for the conversation, above which we stop reading
WRITE_MARK = 256 * 1024  # bytes waiting for the client, above which drain() waits
CLOSE_GRACE = 10.0  # seconds a client may take to read what was written before the close


class SocketStream(asyncio.Protocol):
    """Leaner than asyncio's StreamReader and StreamWriter, and it tells at once when the client leaves."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_end: Callable[[], None]) -> None:
        self._loop = loop
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._inbox = bytearray()
        self._is_ended = False  # no more bytes will come
        self._is_reading_paused = False
        self._reader: asyncio.Future[None] | None = None
        self._drainer: asyncio.Future[None] | None = None
        self._is_writing_paused = False
        self._read_mark = STRANGER_READ_MARK
        self._tls: TlsLayer | None = None
        self._tls_failure: ssl.SSLError | None = None

    @property
    def first_byte(self) -> int | None:
        """Of what waits to be taken; None if nothing does."""
        return self._inbox[0] if self._inbox else None

    @property
    def is_ended(self) -> bool:
        """Whether the client has closed its side."""
        return self._is_ended

    async def wait_readable(self) -> None:
        """Until there are bytes, the client has left, or wake() is called."""
        if not self._inbox and not self._is_ended:
            await self._wait()

    def take(self) -> bytes:
        """All bytes that have come, perhaps none."""
        taken = bytes(self._inbox)
        self._inbox.clear()
        if self._is_reading_paused and self._transport is not None and not self._is_ended:
            self._is_reading_paused = False
            self._transport.resume_reading()
        return taken

    def trust(self) -> None:
        """The client has proved who it is: it may send ahead as much as others."""
        self._read_mark = READ_MARK

    async def encrypt(self, tls: TlsContext) -> Encryption | None:
        """Do the TLS handshake, with what is waiting as its beginning; None when the client left instead.

        Raises SSLError when the handshake failed; the client is told by an alert.
        """
        received = self.take()
        self._tls = layer = TlsLayer(tls)
        if received:
            self.data_received(received)
        while layer.encryption is None and not self._is_ended:
            await self._wait()
        if self._tls_failure is not None:
            raise self._tls_failure
        return layer.encryption

    def wake(self) -> None:
        """End a wait_readable()."""
        _settle(self._reader)

    def write(self, piece: bytes) -> None:
        """Never waits; what a client that left does not get is dropped."""
        if piece and self._transport is not None and not self._transport.is_closing():
            self._transport.write(piece if self._tls is None else self._seal(self._tls, piece))

    async def drain(self) -> None:
        """Until what is written and not sent is little, or the client has left."""
        while self._is_writing_paused and self._transport is not None:
            self._drainer = self._loop.create_future()
            try:
                await self._drainer
            finally:
                self._drainer = None

    def close(self) -> None:
        """Send what is written, then close; a client that does not read has CLOSE_GRACE."""
        if self._transport is not None and not self._transport.is_closing():
            if self._tls is not None:
                self._transport.write(self._tls.close())
            self._transport.close()
            if self._transport is not None:
                self._loop.call_later(CLOSE_GRACE, self.abort)

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_MARK)

    def data_received(self, data: bytes) -> None:
        self._inbox += data if self._tls is None else self._decrypt(self._tls, data)
        if len(self._inbox) > self._read_mark and not self._is_reading_paused and self._transport is not None:
            self._is_reading_paused = True
            self._transport.pause_reading()
        _settle(self._reader)

    def eof_received(self) -> bool:
        self._end()
        return True  # the client may still read

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._is_writing_paused = False
        _settle(self._drainer)
        self._end()

    def pause_writing(self) -> None:
        self._is_writing_paused = True

    def resume_writing(self) -> None:
        self._is_writing_paused = False
        _settle(self._drainer)

    async def _wait(self) -> None:
        """Until something has come, or wake() is called."""
        self._reader = self._loop.create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def _seal(self, layer: TlsLayer, plaintext: bytes) -> bytes:
        try:
            return layer.seal(plaintext)
        except ssl.SSLError:  # the client has broken TLS: nothing it could read can be said any more
            self.abort()
            return b""

    def _decrypt(self, layer: TlsLayer, ciphertext: bytes) -> bytes:
        """What TLS lets through; a client that breaks it, or says goodbye, has ended."""
        if self._is_ended:
            return b""
        plaintext = b""
        try:
            plaintext = layer.receive(ciphertext)
        except ssl.SSLError as error:
            self._tls_failure = error
        output = layer.take_output()
        if output and self._transport is not None and not self._transport.is_closing():
            self._transport.write(output)
        if layer.is_ended or self._tls_failure is not None:
            self._end()
        return plaintext

    def _end(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            _settle(self._reader)
            self._on_end()


def _settle(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
