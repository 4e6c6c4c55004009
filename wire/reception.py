"""Reception: what all clients of a server have in common when they come in."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address

from .auth.access import Access
from .auth.channel import Channel
from .backend import Backend
from .handlers.startup import Entrance
from .seats import Seat, Seats
from .socket_options import SocketOptions
from .tls_context import TlsContext
from .workers import WorkerPool


@dataclass(frozen=True, slots=True)
class Reception:
    """Shared by the event loops."""

    backend: Backend
    access: Access
    seats: Seats
    workers: WorkerPool
    tls: TlsContext | None
    sockets: SocketOptions
    authentication_timeout: float  # seconds

    def entrance(self, connected: socket.socket, seat: Seat) -> Entrance:
        """For one client. Raises OSError when it has left already."""
        self.sockets.apply(connected)
        return Entrance(self.backend, self.access, _channel(connected), seat.take, self.tls is not None)


def _channel(connected: socket.socket) -> Channel:
    # "fe80::1%eth0": the zone is no part of the address that rules speak of.
    return Channel(ip_address(str(connected.getpeername()[0]).partition("%")[0]))
