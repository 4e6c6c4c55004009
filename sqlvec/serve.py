"""Serving: the one place that introduces a database to the wire."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from sqlvec.core.errors import SqlError
from sqlvec.wire.auth.access import Access
from sqlvec.wire.server import Server
from sqlvec.wire.socket_options import SocketOptions
from sqlvec.wire.tls_context import TlsContext, load_tls_context

from .access_rules import access_rules
from .config import ServerConfig, must_fit_together
from .credentials import SUPERUSER, open_credentials
from .database import Connection, Database
from .server_settings import server_settings

log = logging.getLogger("sqlvec")


class Serving:
    """A port opened on a database, in background threads."""

    def __init__(self, server: Server, host: str) -> None:
        self._server = server
        self.host = host

    @property
    def port(self) -> int:
        return self._server.port

    def renew_tls(self, tls: TlsContext) -> None:
        """Another certificate for the clients that come from now on."""
        self._server.renew_tls(tls)

    def close(self) -> None:
        """Disconnect clients and free the port; the database stays open."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(database: Database | Connection, host: str = "127.0.0.1", port: int = 0, **options: Any) -> Serving:
    """Let Postgres clients reach an embedded database; port 0 picks a free one.

    `options` are fields of ServerConfig, such as max_connections, password, tls_cert. Raises ConfigError
    when strangers could come in from the network without a password.
    """
    target = database.database if isinstance(database, Connection) else database
    config = ServerConfig(host=host, port=port, **options)
    must_fit_together(config)
    return _serve(target, config)


def run_server(config: ServerConfig, ready: Callable[[str, int], None]) -> None:
    """Open the data directory, serve until SIGTERM or SIGINT, close cleanly."""
    logging.basicConfig(
        stream=sys.stderr, level=config.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s"
    )
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
        _serve(database, config) as serving,
    ):
        signal.signal(signal.SIGHUP, lambda *_: _reload(serving, config))
        ready(config.host, serving.port)
        while not stopping.wait(3600):
            pass
        log.info("shutting down")


def _reload(serving: Serving, config: ServerConfig) -> None:
    """Read the certificate again, which is replaced while the server runs; a bad one changes nothing."""
    try:
        tls = _tls(config)
    except SqlError as error:
        log.error("the certificate stays as it was: %s", error.message)
        return
    if tls is not None:
        serving.renew_tls(tls)
        log.info("certificate read again")


def _serve(database: Database, config: ServerConfig) -> Serving:
    sockets = SocketOptions(
        round(config.tcp_keepalives_idle),
        round(config.tcp_keepalives_interval),
        config.tcp_keepalives_count,
        round(config.tcp_user_timeout * 1000),
    )
    server = Server(
        database.engine,
        config.host,
        config.port,
        max_connections=config.max_connections,
        reserved_connections=min(config.superuser_reserved_connections, config.max_connections - 1),
        access=_access(database, config),
        tls=_tls(config),
        sockets=sockets,
        authentication_timeout=config.authentication_timeout,
    )
    server.start()
    database.engine.tell_server_settings(server_settings(config, server.port, sockets))
    return Serving(server, config.host)


def _access(database: Database, config: ServerConfig) -> Access:
    credentials = open_credentials(database.path, config)
    rules = access_rules(config, has_password=credentials.verifier is not None)
    if credentials.verifier is not None:
        database.engine.tell_first_verifier(SUPERUSER, credentials.verifier)
    return Access(rules, database.engine, credentials.mock_secret)


def _tls(config: ServerConfig) -> TlsContext | None:
    if config.tls_cert is None or config.tls_key is None:
        return None
    return load_tls_context(config.tls_cert, config.tls_key, config.tls_ca)
