"""Advisory locks and LOCK TABLE, through two connections."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import LockNotAvailable, NoActiveSqlTransaction
from sqlvec.database import Connection
from tests.support.waiting import Waiting


def value(connection: Connection, sql: str) -> object:
    return connection.execute(f"select {sql}").fetchall()[0][0]


def test_a_session_lock_is_held_until_it_is_given_back(connection: Connection, other: Connection) -> None:
    value(connection, "pg_advisory_lock(5)")
    assert value(other, "pg_try_advisory_lock(5)") is False
    waiting = Waiting(other, "select pg_advisory_lock(5)")
    assert waiting.is_blocked
    assert value(connection, "pg_advisory_unlock(5)") is True
    waiting.end()
    assert value(connection, "pg_advisory_unlock(5)") is False
    assert value(other, "pg_advisory_unlock_all()") == ""
    assert value(connection, "pg_try_advisory_lock(5)") is True


def test_a_bigint_and_two_integers_are_different_keys(connection: Connection, other: Connection) -> None:
    value(connection, "pg_advisory_lock(1, 2)")
    assert value(other, "pg_try_advisory_lock((1::bigint << 32) + 2)") is True
    assert value(other, "pg_try_advisory_lock(1, 2)") is False
    assert value(other, "pg_try_advisory_lock(-1)") is True


def test_a_transaction_lock_ends_with_it(connection: Connection, other: Connection) -> None:
    connection.execute("begin")
    value(connection, "pg_advisory_xact_lock(7)")
    assert value(other, "pg_try_advisory_xact_lock_shared(7)") is False
    connection.execute("rollback")
    assert value(other, "pg_try_advisory_xact_lock_shared(7)") is True


def test_shared_locks_share(connection: Connection, other: Connection) -> None:
    value(connection, "pg_advisory_lock_shared(8)")
    assert value(other, "pg_try_advisory_lock_shared(8)") is True
    assert value(other, "pg_try_advisory_lock(8)") is False


def test_lock_table_excludes_writers_and_pg_locks_tells(connection: Connection, other: Connection) -> None:
    connection.execute("create table t (id int)")
    connection.execute("begin")
    connection.execute("lock table t in share mode")
    waiting = Waiting(other, "insert into t values (1) returning id")
    assert waiting.is_blocked
    held = "select mode, granted from pg_locks where relation = 't'::regclass order by granted desc"
    assert connection.execute(held).fetchall() == [("ShareLock", True), ("RowExclusiveLock", False)]
    blocked = "select pg_blocking_pids(pid) = array[pg_backend_pid()] from pg_locks where not granted"
    assert connection.execute(blocked).fetchall() == [(True,)]
    connection.execute("commit")
    assert waiting.end() == [(1,)]


def test_lock_table_nowait_and_outside_a_block(connection: Connection, other: Connection) -> None:
    connection.execute("create table t (id int)")
    with pytest.raises(NoActiveSqlTransaction):
        connection.execute("lock t")
    connection.execute("begin")
    connection.execute("lock t")
    other.execute("begin")
    with pytest.raises(LockNotAvailable, match='could not obtain lock on relation "t"'):
        other.execute("lock table t in access share mode nowait")
