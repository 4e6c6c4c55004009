"""WorkerPool: the threads in which the database works, so that the event loops never block."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeAlias, TypeVar

Job: TypeAlias = Callable[[], None]

_Result = TypeVar("_Result")


class WorkerPool:
    """Grows to `limit` threads. Not a ThreadPoolExecutor: its threads are joined when the interpreter
    ends, so that a statement running in an embedding notebook would keep the process alive; and its
    futures cost more than the job of a short statement.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._growing = threading.Lock()
        self._count = 0

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Run `work` in a thread; called on an event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Result] = loop.create_future()

        def job() -> None:
            try:
                result = work()
            except BaseException as error:
                _tell(loop, _set_exception, future, error)
                if not isinstance(error, Exception):
                    raise
            else:
                _tell(loop, _set_result, future, result)

        self.submit(job)
        return await future

    def submit(self, job: Job) -> None:
        self._jobs.put(job)
        if not self._idle.acquire(blocking=False):
            self._maybe_grow()

    def stop(self) -> None:
        """Let the threads end after their jobs; does not wait."""
        with self._growing:
            for _ in range(self._count):
                self._jobs.put(None)

    def _maybe_grow(self) -> None:
        with self._growing:
            if self._count == self._limit:
                return
            self._count += 1
            name = f"sqlvec-worker-{self._count}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # keeps the client's last result alive otherwise
            self._idle.release()


def _tell(loop: asyncio.AbstractEventLoop, tell: Callable[..., None], *arguments: object) -> None:
    # The loop may be gone when a statement outlives the server's grace.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(tell, *arguments)


def _set_result(future: asyncio.Future[_Result], result: _Result) -> None:
    if not future.done():
        future.set_result(result)


def _set_exception(future: asyncio.Future[object], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
