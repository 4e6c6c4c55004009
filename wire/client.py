"""Client: one client's loop, between its socket, its conversation and the worker threads."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import ssl
import threading

from sqlvec.core.errors import (
    ConnectionFailure,
    DiskFull,
    InsufficientResources,
    InternalError,
    QueryCanceled,
    Severity,
    SqlError,
)

from .backend import Backend
from .conversation import Burst, Conversation, Next
from .handlers.startup import Entrance
from .stream import WRITE_MARK, SocketStream
from .tls import FIRST_BYTE
from .tls_context import APPLICATION_PROTOCOL, TlsContext
from .workers import WorkerPool

logger = logging.getLogger(__name__)

FAREWELL_GRACE = 1.0  # seconds for a stranger to read why it is put out
INTERRUPT_DELAY = 0.01  # seconds; a goodbye sent just before the close needs no interrupt
INTERRUPT_INTERVAL = 0.2  # seconds; an interrupt can miss a statement that is only about to start


class Client:
    """Lives on one event loop; the conversation runs in a worker thread, and never in two."""

    def __init__(
        self,
        entrance: Entrance,
        workers: WorkerPool,
        loop: asyncio.AbstractEventLoop,
        tls: TlsContext | None = None,
    ) -> None:
        self.stream = SocketStream(loop, self._on_end)
        self._backend: Backend = entrance.backend
        self._conversation = Conversation(entrance)
        self._workers = workers
        self._loop = loop
        self._tls = tls
        self._is_working = False  # a worker is in the conversation
        # Taken by whoever is in the conversation: at shutdown the loop may give up waiting for a worker.
        self._turn = threading.Lock()
        self._is_stopping = False
        self._is_answerable = False  # the session knows how to end us
        self._interruption: asyncio.Task[None] | None = None

    @property
    def is_authenticated(self) -> bool:
        return self._conversation.state is not None

    async def run(self) -> None:
        """Serve until either side ends it; the session is closed when this returns."""
        try:
            if await self._begin():
                while await self._listen() and await self._speak():
                    self._answer_for_session()
        finally:
            self.stream.close()
            if self._interruption is not None:
                self._interruption.cancel()
            await self._workers.run(self._close)

    def _answer_for_session(self) -> None:
        """Another session may end this one (pg_terminate_backend), from a thread of its own."""
        state = self._conversation.state
        if state is None or self._is_answerable:
            return
        self._is_answerable = True
        state.session.on_terminate(lambda error: self._loop.call_soon_threadsafe(self.stop, error))

    def stop(self, farewell: SqlError) -> None:
        """End with this error: an idle client at once, a busy one when its statement is interrupted."""
        self._is_stopping = True
        self._conversation.stop(farewell)
        self.stream.wake()
        self._interrupt()

    def give_up(self) -> None:
        """It took too long to say who it is."""
        if self.is_authenticated:
            return
        if self._conversation.is_started:
            self.stop(QueryCanceled("canceling authentication due to timeout", severity=Severity.FATAL))
            self._loop.call_later(FAREWELL_GRACE, self.stream.abort)
        else:
            self.stream.abort()  # without a word, as PostgreSQL when the start-up packet does not come

    async def _begin(self) -> bool:
        """Direct TLS shows by the first byte; False when it came to nothing."""
        await self.stream.wait_readable()
        if self.stream.first_byte != FIRST_BYTE:
            return True
        return await self._encrypt(is_direct=True)

    async def _encrypt(self, *, is_direct: bool = False) -> bool:
        """Do the handshake; without one there is nothing more to say in a language the client expects."""
        if self._tls is None:
            logger.info("a client began with TLS, which is not configured")
            return False
        try:
            encryption = await self.stream.encrypt(self._tls)
        except ssl.SSLError as error:
            logger.info("could not accept SSL connection: %s", error.reason or error)
            return False
        if encryption is None:
            return False
        if is_direct and encryption.application_protocol != APPLICATION_PROTOCOL:
            # Or a browser could be led to speak to us: PostgreSQL 17 demands it, too.
            logger.info("received direct SSL connection request without ALPN protocol negotiation extension")
            return False
        self._conversation.encrypted(encryption)
        return True

    async def _listen(self) -> bool:
        """Read until the conversation can do something; False when the client has left."""
        conversation, stream = self._conversation, self.stream
        missing = conversation.missing
        while missing > 0 and not self._is_stopping:
            await self._wait_readable()
            piece = stream.take()
            if not piece and stream.is_ended:
                return False
            conversation.receive_data(piece)
            missing -= len(piece)
            if missing <= 0:  # the head of a message tells how much more it needs
                missing = conversation.missing
        return True

    async def _wait_readable(self) -> None:
        limit = self._conversation.idle_limit
        if limit is None:
            await self.stream.wait_readable()
            return
        timer = self._loop.call_later(limit.seconds, self.stop, limit.error)
        try:
            await self.stream.wait_readable()
        finally:
            timer.cancel()

    async def _speak(self) -> bool:
        """Let the conversation work and send what it says; False when it is over."""
        while True:
            self._is_working = True
            try:
                burst = await self._workers.run(self._work)
            finally:
                self._is_working = False
            if self.is_authenticated:
                self.stream.trust()
            if burst.next is Next.ENCRYPT and self.stream.first_byte is not None:
                self._conversation.refuse_plaintext()  # in place of the burst's "S"
                continue
            self.stream.write(burst.output)
            if burst.next is Next.ENCRYPT:
                return await self._encrypt()
            if burst.next is Next.CLOSE:
                return False
            await self.stream.drain()
            if burst.next is Next.READ:
                return True
            if self.stream.is_ended:  # it left while it was told a long result
                return False

    def _work(self) -> Burst:
        """In a worker: go on while little is said, so that a chain of short rounds is one hop."""
        said = 0
        with self._turn:
            while True:
                burst = self._advance()
                said += len(burst.output)
                if burst.next is not Next.ADVANCE or said > WRITE_MARK:
                    return burst
                self._loop.call_soon_threadsafe(self.stream.write, burst.output)

    def _close(self) -> None:
        with self._turn:
            self._conversation.close()

    def _advance(self) -> Burst:
        try:
            return self._conversation.advance()
        except Exception as error:
            # The one broad except: a bug must not take down the connection, nor go unnoticed.
            logger.exception("internal error in a session")
            self._conversation.fail(_told(error))
            return Burst(b"", Next.ADVANCE)

    def _on_end(self) -> None:
        """The client closed its side. What it still waits for, it will not read."""
        if self._is_working:
            self._conversation.stop(ConnectionFailure("connection to client lost", severity=Severity.FATAL))
            self._interrupt()

    def _interrupt(self) -> None:
        if self._is_working and self._interruption is None:
            self._interruption = self._loop.create_task(self._keep_interrupting())

    async def _keep_interrupting(self) -> None:
        await asyncio.sleep(INTERRUPT_DELAY)
        while self._is_working:
            state = self._conversation.state
            if state is not None:
                key = state.session.process_id, state.session.secret_key
                with contextlib.suppress(SqlError):  # then the next one will do it
                    await self._workers.run(lambda key=key: self._backend.cancel(*key))  # type: ignore[misc]
            await asyncio.sleep(INTERRUPT_INTERVAL)


def _told(error: Exception) -> SqlError:
    """What the machine lacks is no bug of ours, wherever it was noticed."""
    match error:
        case OSError(errno=errno.EMFILE | errno.ENFILE):
            return InsufficientResources(f"out of file descriptors: {error.strerror}; release and retry")
        case OSError(errno=errno.ENOSPC):
            return DiskFull(f"could not write: {error.strerror}")
        case _:
            return InternalError(f"internal error: {error}")
