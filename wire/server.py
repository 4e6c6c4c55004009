"""Server: listens, spreads the clients over event loops, and ends them all in good order."""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import replace
from types import TracebackType

from sqlvec.core.errors import AdminShutdown, Severity

from .auth.access import Access
from .backend import Backend
from .listener import Listener, bind
from .loop_thread import LoopThread
from .reception import Reception
from .seats import Seats
from .socket_options import SocketOptions
from .tls_context import TlsContext
from .workers import WorkerPool

logger = logging.getLogger(__name__)

# Threads beyond one per session: for cancel requests, refusals and logins while every session is busy.
SPARE_WORKERS = 16
STOP_GRACE = 3.0  # seconds for the clients to end by themselves


class Server:
    """Serves `backend` to PostgreSQL clients; usable from any thread, all its threads are daemons.

    `host` may name several addresses ("localhost"); `port` 0 takes a free one. The backend is not
    closed with the server. `reserved_connections` of `max_connections` are for superusers. Without
    `access` everybody comes in, without `tls` nothing is encrypted.
    """

    def __init__(
        self,
        backend: Backend,
        host: str = "127.0.0.1",
        port: int = 5432,
        *,
        max_connections: int = 100,
        reserved_connections: int = 0,
        loops: int | None = None,
        access: Access | None = None,
        tls: TlsContext | None = None,
        sockets: SocketOptions | None = None,
        authentication_timeout: float = 60.0,
    ) -> None:
        self._backend = backend
        self._host = host
        self._port = port
        self._max_connections = max_connections
        self._reserved_connections = reserved_connections
        self._loop_count = loops or os.cpu_count() or 1
        self._access = access or Access()
        self._tls = tls
        self._sockets = sockets or SocketOptions()
        self._authentication_timeout = authentication_timeout
        self._listener: Listener | None = None
        self._loops: list[LoopThread] = []
        self._workers = WorkerPool(max_connections + SPARE_WORKERS)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on; the one asked for before start()."""
        return self._port

    def start(self) -> None:
        """Bind and serve; returns at once. Raises OSError when the address is taken."""
        if self._listener is not None:
            raise RuntimeError("the server is running")
        listening = bind(self._host, self._port)
        self._port = listening[0].getsockname()[1]
        self._workers = WorkerPool(self._max_connections + SPARE_WORKERS)
        reception = self._reception()
        self._loops = [LoopThread(f"sqlvec-loop-{number}", reception) for number in range(self._loop_count)]
        for loop in self._loops:
            loop.start()
        self._listener = Listener(listening, self._adopt)
        self._loops[0].submit(self._listener.start()).result()
        logger.info("listening on %s, port %d", self._host, self._port)

    def renew_tls(self, tls: TlsContext) -> None:
        """For the clients that come from now on."""
        self._tls = tls
        for loop in self._loops:
            loop.receive(replace(loop.reception, tls=tls))

    def stop(self) -> None:
        """Refuse new clients, interrupt the running statements, say goodbye; takes a few seconds at most."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._loops[0].submit(listener.stop()).result()
        farewells = [loop.submit(loop.stop_clients(_farewell, STOP_GRACE)) for loop in self._loops]
        for farewell in farewells:
            farewell.result()
        for loop in self._loops:
            loop.stop(STOP_GRACE)
        self._workers.stop()

    def _reception(self) -> Reception:
        return Reception(
            self._backend,
            self._access,
            Seats(self._max_connections, self._reserved_connections),
            self._workers,
            self._tls,
            self._sockets,
            self._authentication_timeout,
        )

    def _adopt(self, connected: socket.socket) -> None:
        total = sum(loop.load for loop in self._loops)
        if total > 2 * self._max_connections + SPARE_WORKERS:
            connected.close()  # not even worth a word: these have not said who they are
            return
        min(self._loops, key=lambda loop: loop.load).adopt(connected)


def _farewell() -> AdminShutdown:
    return AdminShutdown("terminating connection due to administrator command", severity=Severity.FATAL)
