"""LockManager and LockOwner: conflicts, queues, deadlocks, release."""

from __future__ import annotations

import threading

import pytest

from sqlvec.core.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from sqlvec.engine.locks import resource
from sqlvec.engine.locks.manager import LockManager
from sqlvec.engine.locks.modes import CONFLICTS, TABLE_MODES, Mode
from sqlvec.engine.locks.owner import LockOwner

T = resource.relation(1)


@pytest.fixture
def manager() -> LockManager:
    return LockManager()


def test_conflicts_are_mutual() -> None:
    for mode, others in CONFLICTS.items():
        for other in others:
            assert mode in CONFLICTS[other]


def test_table_modes_are_the_eight_of_postgresql() -> None:
    assert len(TABLE_MODES) == 8
    assert CONFLICTS[Mode.ACCESS_SHARE] == {Mode.ACCESS_EXCLUSIVE}
    assert Mode.ROW_EXCLUSIVE not in CONFLICTS[Mode.ROW_EXCLUSIVE]


def test_a_lock_is_held_until_the_last_grant_is_given_back(manager: LockManager) -> None:
    assert manager.try_acquire(1, T, Mode.SHARE)
    assert manager.try_acquire(1, T, Mode.SHARE)
    manager.release(1, T, Mode.SHARE)
    assert not manager.try_acquire(2, T, Mode.ROW_EXCLUSIVE)
    manager.release(1, T, Mode.SHARE)
    assert manager.try_acquire(2, T, Mode.ROW_EXCLUSIVE)
    assert not manager.release(1, T, Mode.SHARE)


def test_nobody_overtakes_who_waits(manager: LockManager) -> None:
    manager.try_acquire(1, T, Mode.ACCESS_SHARE)
    order: list[int] = []

    def want(process_id: int, mode: Mode) -> None:
        manager.acquire(process_id, T, mode, patience=10)
        order.append(process_id)

    writer = threading.Thread(target=want, args=(2, Mode.ACCESS_EXCLUSIVE))
    writer.start()
    while not manager.blockers_of(2):
        pass
    assert not manager.try_acquire(3, T, Mode.ACCESS_SHARE)  # fits the holder, not the one in the queue
    assert manager.try_acquire(1, T, Mode.ROW_SHARE)  # a holder passes the queue
    reader = threading.Thread(target=want, args=(3, Mode.ACCESS_SHARE))
    reader.start()
    while not manager.blockers_of(3):
        pass
    assert [state.process_id for state in manager.states() if not state.is_granted] == [2, 3]
    manager.release(1, T, Mode.ACCESS_SHARE)
    manager.release(1, T, Mode.ROW_SHARE)
    writer.join(10)
    assert order == [2]
    manager.release(2, T, Mode.ACCESS_EXCLUSIVE)
    reader.join(10)
    assert order == [2, 3]


def test_the_one_who_closes_a_circle_fails(manager: LockManager) -> None:
    rows = [resource.row(1, number) for number in range(3)]
    for number, row in enumerate(rows):
        manager.try_acquire(number, row, Mode.FOR_UPDATE)
    waiters = []
    for number in (0, 1):
        waiter = threading.Thread(
            target=manager.acquire, args=(number, rows[number + 1], Mode.FOR_UPDATE), kwargs={"patience": 10}
        )
        waiter.start()
        waiters.append(waiter)
        while not manager.blockers_of(number):
            pass
    with pytest.raises(DeadlockDetected) as caught:
        manager.acquire(2, rows[0], Mode.FOR_UPDATE)
    assert (caught.value.detail or "").count("waits for ForUpdate") == 3
    manager.release(2, rows[2], Mode.FOR_UPDATE)
    waiters[1].join(10)
    for row in rows:
        manager.release(1, row, Mode.FOR_UPDATE)
    waiters[0].join(10)
    assert not any(waiter.is_alive() for waiter in waiters)


def test_a_wait_ends_by_timeout_and_by_cancel(manager: LockManager) -> None:
    manager.try_acquire(1, T, Mode.EXCLUSIVE)
    with pytest.raises(LockNotAvailable):
        manager.acquire(2, T, Mode.SHARE, patience=0.01)

    def cancelled() -> None:
        raise QueryCanceled("canceling statement due to user request")

    with pytest.raises(QueryCanceled):
        manager.acquire(2, T, Mode.SHARE, check_interrupt=cancelled)
    manager.release(1, T, Mode.EXCLUSIVE)
    assert manager.states() == []


def test_many_rows_become_one_lock(manager: LockManager) -> None:
    one, two = LockOwner(manager, 1), LockOwner(manager, 2)
    one.lock_each(resource.rows(1), (resource.row(1, n) for n in range(5000)), Mode.FOR_UPDATE)
    assert len(manager.states()) == 1
    assert not two.try_lock(resource.rows(1), Mode.SOME_SHARED)
    one.release_to(0)
    two.lock_each(resource.rows(1), [resource.row(1, 7)], Mode.FOR_UPDATE)
    with pytest.raises(LockNotAvailable):
        one.lock_each(
            resource.rows(1), (resource.row(1, n) for n in range(5000)), Mode.FOR_UPDATE, patience=0.01
        )


def test_release_to_keeps_what_was_held_before(manager: LockManager) -> None:
    owner = LockOwner(manager, 1)
    owner.lock(T, Mode.ROW_EXCLUSIVE)
    held = len(owner)
    owner.lock(resource.row(1, 1), Mode.FOR_UPDATE)
    owner.lock(T, Mode.ROW_EXCLUSIVE)
    owner.release_to(held)
    assert [(state.resource, state.mode) for state in manager.states()] == [(T, Mode.ROW_EXCLUSIVE)]


def test_session_locks_are_counted_and_outlive_the_transaction(manager: LockManager) -> None:
    owner, other = LockOwner(manager, 1), LockOwner(manager, 2)
    lock = resource.advisory(0, 5, 1)
    owner.hold(lock, Mode.EXCLUSIVE)
    owner.hold(lock, Mode.EXCLUSIVE)
    owner.release_to(0)
    assert owner.give_back(lock, Mode.EXCLUSIVE)
    assert not other.try_hold(lock, Mode.EXCLUSIVE)
    owner.close()
    assert other.try_hold(lock, Mode.EXCLUSIVE)
    assert not owner.give_back(lock, Mode.EXCLUSIVE)
