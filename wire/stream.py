"""SocketStream: one client's socket on its event loop, with flow control in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

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

    @property
    def is_ended(self) -> bool:
        """Whether the client has closed its side."""
        return self._is_ended

    async def wait_readable(self) -> None:
        """Until there are bytes, the client has left, or wake() is called."""
        if self._inbox or self._is_ended:
            return
        self._reader = self._loop.create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def take(self) -> bytes:
        """All bytes that have come, perhaps none."""
        taken = bytes(self._inbox)
        self._inbox.clear()
        if self._is_reading_paused and self._transport is not None and not self._is_ended:
            self._is_reading_paused = False
            self._transport.resume_reading()
        return taken

    def wake(self) -> None:
        """End a wait_readable()."""
        _settle(self._reader)

    def write(self, piece: bytes) -> None:
        """Never waits; what a client that left does not get is dropped."""
        if piece and self._transport is not None and not self._transport.is_closing():
            self._transport.write(piece)

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
        self._inbox += data
        if len(self._inbox) > READ_MARK and not self._is_reading_paused and self._transport is not None:
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

    def _end(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            _settle(self._reader)
            self._on_end()


def _settle(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
