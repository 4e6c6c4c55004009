"""Concurrent changes: who waits for whom, what they see then, and who fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import sqlvec
from sqlvec.core.errors import (
    CheckViolation,
    DeadlockDetected,
    LockNotAvailable,
    SerializationFailure,
    UniqueViolation,
)
from sqlvec.database import Connection
from tests.support.waiting import Waiting


@pytest.fixture
def database() -> Iterator[sqlvec.Database]:
    with sqlvec.Database() as opened:
        with opened.connect() as connection:
            connection.execute("create table counters (id int primary key, n int, v vector(2))")
            connection.execute("insert into counters values (1, 0, '[0,0]')")
        yield opened


def test_statements_that_meet_on_a_row_wait_for_each_other(database: sqlvec.Database) -> None:
    failures: list[BaseException] = []

    def count() -> None:
        try:
            with database.connect() as connection:
                for _ in range(25):
                    connection.execute("update counters set n = n + 1 where id = 1")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.connect() as connection:
        assert connection.execute("select n from counters").fetchall() == [(100,)]


@pytest.fixture
def one(database: sqlvec.Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


@pytest.fixture
def two(database: sqlvec.Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


def test_an_update_waits_and_builds_on_what_the_other_wrote(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("update counters set n = n + 1")
    waiting = Waiting(two, "update counters set n = n + 10 returning n")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(11,)]


def test_a_block_that_has_written_sees_what_others_commit(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("insert into counters values (2, 0, null)")
    two.execute("update counters set n = 5 where id = 1")
    assert one.execute("select id, n from counters order by id").fetchall() == [(1, 5), (2, 0)]
    one.execute("update counters set n = n + 1 where id = 1")
    one.execute("commit")
    assert two.execute("select n from counters where id = 1").fetchall() == [(6,)]


def test_different_rows_do_not_wait(one: Connection, two: Connection) -> None:
    one.execute("insert into counters values (2, 0, '[1,1]')")
    one.execute("begin")
    one.execute("update counters set n = 1, v = '[3,3]' where id = 1")
    two.execute("begin")
    two.execute("update counters set n = 2, v = '[4,4]' where id = 2")
    two.execute("commit")
    one.execute("commit")
    assert one.execute("select id, n, v from counters order by id").fetchall() == [
        (1, 1, [3.0, 3.0]),
        (2, 2, [4.0, 4.0]),
    ]


def test_a_rolled_back_change_lets_the_waiting_one_go_on(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("delete from counters")
    waiting = Waiting(two, "update counters set n = n + 1 returning n")
    assert waiting.is_blocked
    one.execute("rollback")
    assert waiting.end() == [(1,)]


def test_a_row_deleted_meanwhile_is_not_updated(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("delete from counters")
    waiting = Waiting(two, "update counters set n = n + 1 returning n")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == []


def test_a_moved_vector_is_found_again_after_the_wait(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("update counters set v = '[5,5]'")
    waiting = Waiting(two, "update counters set v = v + '[1,1]' returning v")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [([6.0, 6.0],)]


@pytest.mark.parametrize(
    ("end", "error"), [("commit", UniqueViolation), ("rollback", None)]
)  # fmt: skip
def test_the_second_of_two_equal_keys_waits_for_the_first(
    one: Connection, two: Connection, end: str, error: type[BaseException] | None
) -> None:
    one.execute("begin")
    one.execute("insert into counters values (2, 0, null)")
    waiting = Waiting(two, "insert into counters values (2, 1, null) returning n")
    assert waiting.is_blocked
    one.execute(end)
    if error is None:
        assert waiting.end() == [(1,)]
    else:
        with pytest.raises(error, match="counters_pkey"):
            waiting.end()


def test_a_key_that_is_being_deleted_is_waited_for(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("delete from counters where id = 1")
    waiting = Waiting(two, "insert into counters values (1, 7, null) returning n")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(7,)]


def test_an_upsert_waits_for_the_row_in_its_way(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("update counters set n = 5")
    upsert = (
        "insert into counters values (1, 1, null) on conflict (id) do update set n = counters.n + excluded.n"
    )
    waiting = Waiting(two, f"{upsert} returning n")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(6,)]


def test_a_key_committed_since_the_block_began_is_refused_at_once(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("insert into counters values (2, 0, null)")
    two.execute("insert into counters values (3, 0, null)")
    with pytest.raises(UniqueViolation, match="counters_pkey"):
        one.execute("insert into counters values (3, 0, null)")
    one.execute("rollback")


def test_a_deadlock_fails_one_and_frees_the_other(one: Connection, two: Connection) -> None:
    one.execute("insert into counters values (2, 0, null)")
    one.execute("begin")
    two.execute("begin")
    one.execute("update counters set n = 1 where id = 1")
    two.execute("update counters set n = 2 where id = 2")
    waiting = Waiting(one, "update counters set n = 3 where id = 2 returning n")
    assert waiting.is_blocked
    with pytest.raises(DeadlockDetected) as caught:
        two.execute("update counters set n = 4 where id = 1")
    assert "blocked by process" in (caught.value.detail or "")
    assert waiting.end() == [(3,)]
    two.execute("rollback")
    one.execute("commit")


def test_lock_timeout(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("update counters set n = 1")
    two.execute("set lock_timeout = '100ms'")
    with pytest.raises(LockNotAvailable, match="canceling statement due to lock timeout"):
        two.execute("update counters set n = 2")
    one.execute("rollback")
    two.execute("update counters set n = 2")


def test_alter_table_waits_for_writers_and_readers_wait_for_it(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("insert into counters values (2, 0, null)")
    waiting = Waiting(two, "alter table counters add column extra int default 3")
    assert waiting.is_blocked
    assert one.execute("select count(*) from counters").fetchall() == [(2,)]
    one.execute("commit")
    waiting.end()
    assert one.execute("select extra from counters order by id").fetchall() == [(3,), (3,)]


def test_a_plan_made_before_the_wait_is_made_anew(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("alter table counters rename column n to m")
    waiting = Waiting(two, "select * from counters")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(1, 0, [0.0, 0.0])]


def test_rollback_to_gives_locks_back(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("savepoint s")
    one.execute("update counters set n = 1")
    waiting = Waiting(two, "update counters set n = 2 returning n")
    assert waiting.is_blocked
    one.execute("rollback to s")
    assert waiting.end() == [(2,)]
    assert one.execute("select n from counters").fetchall() == [(2,)]
    one.execute("commit")


def test_repeatable_read_keeps_its_snapshot_and_refuses_to_overwrite(
    one: Connection, two: Connection
) -> None:
    one.execute("begin isolation level repeatable read")
    assert one.execute("select n from counters").fetchall() == [(0,)]
    two.execute("update counters set n = 9")
    assert one.execute("select n from counters").fetchall() == [(0,)]
    with pytest.raises(SerializationFailure, match="could not serialize access due to concurrent update"):
        one.execute("update counters set n = n + 1")
    one.execute("rollback")


def test_a_failed_block_holds_nobody_up(one: Connection, two: Connection) -> None:
    one.execute("begin")
    one.execute("update counters set n = 1")
    with pytest.raises(sqlvec.SqlError):
        one.execute("select nothing")
    two.execute("update counters set n = 2")
    one.execute("rollback")
    assert one.execute("select n from counters").fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("update accounts set v = '[2,2]' where id = 1", [(-10, [2.0, 2.0])]),
        ("update accounts set tags = '{2}' where id = 1", [(-10, [1.0, 1.0])]),
        ("update accounts set balance = balance + 1 where id = 1", [(-9, [1.0, 1.0])]),
        ("update accounts set id = 5 where id = 1", [(-10, [1.0, 1.0])]),
        ("delete from accounts where id = 1", []),
        (
            "insert into accounts values (1, 0, '[3,3]') on conflict (id) do update set v = excluded.v",
            [(-10, [3.0, 3.0])],
        ),
    ],
)
def test_no_change_of_a_row_is_lost(
    one: Connection, two: Connection, second: str, expected: list[tuple[object, ...]]
) -> None:
    """DuckDB finds conflicts column by column, and none between an update in place and one that moves."""
    one.execute("create table accounts (id int primary key, balance int, v vector(2), tags int[])")
    one.execute("insert into accounts values (1, 0, '[1,1]', '{1}')")
    one.execute("begin")
    one.execute("update accounts set balance = balance - 10 where id = 1")
    two.execute("begin")
    waiting = Waiting(two, second)
    assert waiting.is_blocked
    one.execute("commit")
    waiting.end()
    two.execute("commit")
    assert one.execute("select balance, v from accounts").fetchall() == expected


def test_a_check_over_two_columns_holds_for_what_two_change(one: Connection, two: Connection) -> None:
    one.execute("create table sums (id int primary key, a int, b int, check (a + b >= 0))")
    one.execute("insert into sums values (1, 1, 1)")
    one.execute("begin")
    one.execute("update sums set a = -1 where id = 1")
    waiting = Waiting(two, "update sums set b = -1 where id = 1")
    assert waiting.is_blocked
    one.execute("commit")
    with pytest.raises(CheckViolation):
        waiting.end()


def test_repeatable_read_refuses_a_row_whose_other_column_has_changed(
    one: Connection, two: Connection
) -> None:
    one.execute("begin isolation level repeatable read")
    one.execute("select * from counters")
    two.execute("update counters set n = 50")
    with pytest.raises(SerializationFailure):
        one.execute("update counters set v = '[9,9]'")
    one.execute("rollback")
