"""Listener: the sockets that wait for clients, and the task that hands each client to a loop.

One loop accepts and gives each client to the loop with the fewest. SO_REUSEPORT, one socket per loop,
was refused: it spreads few clients badly (two of them share a loop every second time), it is missing or
does not balance outside Linux, and it lets a second server take the same port without an error.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

BACKLOG = 512
RETRY_DELAY = 0.5  # seconds, when the process has no file descriptor left


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets for every address of `host`, all on one port; port 0 chooses a free one."""
    bound: list[socket.socket] = []
    try:
        for family, address in _addresses(host):
            chosen = bound[0].getsockname()[1] if bound else port
            bound.append(_bind_one(family, address, chosen))
    except OSError:
        for listening in bound:
            listening.close()
        raise
    return bound


class Listener:
    """Accepts on one event loop; start() and stop() run there."""

    def __init__(self, listening: Sequence[socket.socket], adopt: Callable[[socket.socket], None]) -> None:
        self._listening = listening
        self._adopt = adopt
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(_accept(one, self._adopt)) for one in self._listening]

    async def stop(self) -> None:
        """When this returns nobody is adopted any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in self._listening:
            one.close()


async def _accept(listening: socket.socket, adopt: Callable[[socket.socket], None]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            connected, _ = await loop.sock_accept(listening)
        except OSError as error:
            logger.warning("cannot accept a client: %s", error)
            await asyncio.sleep(RETRY_DELAY)
            continue
        adopt(connected)


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    found = socket.getaddrinfo(host or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    distinct = dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found)
    # "localhost" may name an IPv6 address on a machine without IPv6.
    return [pair for pair in distinct if pair[0] == socket.AF_INET or socket.has_ipv6]


def _bind_one(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((address, port))
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening
