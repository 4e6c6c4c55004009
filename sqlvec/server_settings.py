"""Server settings: what SHOW tells about the options of the server, by PostgreSQL's names."""

from __future__ import annotations

from pathlib import Path

from sqlvec.wire.socket_options import SocketOptions

from .config import ServerConfig


def server_settings(config: ServerConfig, port: int, sockets: SocketOptions) -> dict[str, str]:
    """The values in force, so the system's own where an option leaves them to it."""
    effective = sockets.effective()
    return {
        "max_connections": str(config.max_connections),
        "superuser_reserved_connections": str(
            min(config.superuser_reserved_connections, config.max_connections - 1)
        ),
        "authentication_timeout": f"{config.authentication_timeout * 1000:.0f}ms",
        "listen_addresses": config.host,
        "port": str(port),
        "ssl": "off" if config.tls_cert is None else "on",
        "ssl_cert_file": _shown(config.tls_cert),
        "ssl_key_file": _shown(config.tls_key),
        "ssl_ca_file": _shown(config.tls_ca),
        "tcp_keepalives_idle": str(effective.tcp_keepalives_idle),
        "tcp_keepalives_interval": str(effective.tcp_keepalives_interval),
        "tcp_keepalives_count": str(effective.tcp_keepalives_count),
        "tcp_user_timeout": str(effective.tcp_user_timeout),
    }


def _shown(file: Path | None) -> str:
    return "" if file is None else str(file)
