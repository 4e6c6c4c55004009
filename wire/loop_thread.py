"""LoopThread: one event loop in a thread of its own, with the clients it serves."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from sqlvec.core.errors import SqlError

from .client import Client
from .reception import Reception
from .seats import Seat

try:
    import uvloop
except ImportError:  # Windows
    uvloop = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)


class LoopThread:
    """Takes accepted sockets from any thread."""

    def __init__(self, name: str, reception: Reception) -> None:
        self._reception = reception
        self._clients: dict[Client, asyncio.Task[None]] = {}
        self._load = 0
        self._counting = threading.Lock()
        self._loop = _new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def load(self) -> int:
        """How many clients it has, for the choice of a loop."""
        return self._load

    @property
    def reception(self) -> Reception:
        return self._reception

    def start(self) -> None:
        self._thread.start()

    def submit(self, coroutine: Coroutine[Any, Any, None]) -> Future[None]:
        """Run a coroutine on this loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def adopt(self, connected: socket.socket) -> None:
        """Serve this client, from any thread."""
        self._count(1)
        self._loop.call_soon_threadsafe(self._adopt, connected)

    def receive(self, reception: Reception) -> None:
        """How the clients that come from now on are received."""
        self._reception = reception

    async def stop_clients(self, farewell: Callable[[], SqlError], grace: float) -> None:
        """Say farewell to all; cut off those who do not listen within `grace` seconds."""
        for client in self._clients:
            client.stop(farewell())
        await self._wait_for_clients(grace)
        for client in self._clients:
            client.stream.abort()
        await self._wait_for_clients(grace)

    def stop(self, timeout: float) -> None:
        """End the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._cancel_tasks()
        finally:
            self._loop.close()

    def _cancel_tasks(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=1.0))

    async def _wait_for_clients(self, timeout: float) -> None:
        if self._clients:
            await asyncio.wait(list(self._clients.values()), timeout=timeout)

    def _adopt(self, connected: socket.socket) -> None:
        reception = self._reception
        seat = Seat(reception.seats)
        try:
            entrance = reception.entrance(connected, seat)
        except OSError:  # it has left already
            connected.close()
            self._count(-1)
            return
        client = Client(entrance, reception.workers, self._loop, reception.tls)
        task = self._loop.create_task(self._serve(client, connected, seat))
        self._clients[client] = task

    async def _serve(self, client: Client, connected: socket.socket, seat: Seat) -> None:
        timer = self._loop.call_later(self._reception.authentication_timeout, client.give_up)
        try:
            await self._connect(client, connected)
            await client.run()
        except OSError as error:
            logger.info("a client was gone before it was served: %s", error)
        finally:
            timer.cancel()
            seat.leave()
            self._count(-1)
            del self._clients[client]

    async def _connect(self, client: Client, connected: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: client.stream, connected)
        except BaseException:  # also CancelledError; from here on the stream owns the socket
            connected.close()
            raise

    def _count(self, change: int) -> None:
        with self._counting:
            self._load += change


def _new_event_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop() if uvloop is None else uvloop.new_event_loop()
