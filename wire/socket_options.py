"""SocketOptions: what the kernel does for us about clients that are gone or do not read."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """PostgreSQL's settings of these names; 0 leaves the system's default. What a system lacks is skipped."""

    tcp_keepalives_idle: int = 0  # seconds of silence before the first probe
    tcp_keepalives_interval: int = 0  # seconds between probes
    tcp_keepalives_count: int = 0  # probes without an answer before the connection is dead
    tcp_user_timeout: int = 0  # milliseconds that sent bytes may stay unacknowledged

    def effective(self) -> SocketOptions:
        """With the system's defaults in place of 0, as far as it tells them."""
        with socket.socket() as probe:
            self.apply(probe)
            told = {name: probe.getsockopt(socket.IPPROTO_TCP, number) for name, number in _numbers()}
        return SocketOptions(**told)

    def apply(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, number in _numbers():
            value: int = getattr(self, name)
            if value:
                with contextlib.suppress(OSError):  # out of the system's range: its default stays
                    connected.setsockopt(socket.IPPROTO_TCP, number, value)


def _numbers() -> list[tuple[str, int]]:
    """The options that this system has, by the names of our fields."""
    names = {
        "tcp_keepalives_idle": "TCP_KEEPIDLE",
        "tcp_keepalives_interval": "TCP_KEEPINTVL",
        "tcp_keepalives_count": "TCP_KEEPCNT",
        "tcp_user_timeout": "TCP_USER_TIMEOUT",
    }
    return [(ours, getattr(socket, theirs)) for ours, theirs in names.items() if hasattr(socket, theirs)]
