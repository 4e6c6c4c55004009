"""Serving: the one place that introduces a database to the wire."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlvec.wire.server import Server

from .config import ServerConfig
from .database import Connection, Database

log = logging.getLogger("sqlvec")


class Serving:
    """A port opened on a database, in background threads."""

    def __init__(self, server: Server, host: str) -> None:
        self._server = server
        self.host = host

    @property
    def port(self) -> int:
        return self._server.port

    def close(self) -> None:
        """Disconnect clients and free the port; the database stays open."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(
    database: Database | Connection, host: str = "127.0.0.1", port: int = 0, *, max_connections: int = 100
) -> Serving:
    """Let Postgres clients reach an embedded database; port 0 picks a free one."""
    target = database.database if isinstance(database, Connection) else database
    server = Server(target.engine, host, port, max_connections=max_connections)
    server.start()
    return Serving(server, host)


def run_server(config: ServerConfig, ready: Callable[[str, int], None]) -> None:
    """Open the data directory, serve until SIGTERM or SIGINT, close cleanly."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with (
        Database(
            config.data,
            threads=config.threads,
            memory_limit=config.memory_limit,
            max_connections=config.max_connections,
        ) as database,
        serve(database, config.host, config.port, max_connections=config.max_connections) as serving,
    ):
        ready(config.host, serving.port)
        while not stopping.wait(3600):
            pass
        log.info("shutting down")
