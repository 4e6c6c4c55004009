from __future__ import annotations

import asyncio
import threading

import pytest

from sqlvec.wire.workers import WorkerPool


def test_a_result_comes_back_to_the_loop() -> None:
    pool = WorkerPool(2)
    assert asyncio.run(pool.run(lambda: threading.current_thread().name)).startswith("sqlvec-worker")
    pool.stop()


def test_an_exception_comes_back_to_the_loop() -> None:
    pool = WorkerPool(2)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(pool.run(lambda: 1 // 0))
    pool.stop()


def test_the_pool_grows_while_all_are_busy_and_not_above_its_limit() -> None:
    pool = WorkerPool(3)
    running, release = threading.Semaphore(0), threading.Event()
    ended = threading.Semaphore(0)

    def job() -> None:
        running.release()
        release.wait(30)
        ended.release()

    for _ in range(5):
        pool.submit(job)
    for _ in range(3):
        assert running.acquire(timeout=30)
    assert not running.acquire(blocking=False)
    release.set()
    for _ in range(5):
        assert ended.acquire(timeout=30)
    pool.stop()


def test_an_idle_thread_is_used_again() -> None:
    pool = WorkerPool(10)
    names = []
    for _ in range(20):
        pool.submit(lambda: names.append(threading.current_thread().name))
        assert pool._idle.acquire(timeout=30)  # the thread has ended its job
        pool._idle.release()
    assert names == ["sqlvec-worker-1"] * 20
    pool.stop()
