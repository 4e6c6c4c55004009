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

    def apply(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (
            ("TCP_KEEPIDLE", self.tcp_keepalives_idle),
            ("TCP_KEEPINTVL", self.tcp_keepalives_interval),
            ("TCP_KEEPCNT", self.tcp_keepalives_count),
            ("TCP_USER_TIMEOUT", self.tcp_user_timeout),
        ):
            number = getattr(socket, name, None)
            if value and number is not None:
                with contextlib.suppress(OSError):  # out of the system's range: its default stays
                    connected.setsockopt(socket.IPPROTO_TCP, number, value)
