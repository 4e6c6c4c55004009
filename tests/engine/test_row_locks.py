"""SELECT ... FOR UPDATE and its kin, through two connections."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import FeatureNotSupported, LockNotAvailable, SerializationFailure
from sqlvec.database import Connection
from tests.support.waiting import Waiting

OPEN = "select id from jobs where state = 'new' order by id limit 2 for update skip locked"


@pytest.fixture
def one(connection: Connection) -> Connection:
    connection.execute("create table jobs (id int primary key, state text, v vector(2))")
    connection.execute("insert into jobs select i, 'new', '[1,2]' from generate_series(1, 6) i")
    return connection


def test_a_job_queue_gives_each_worker_other_jobs(one: Connection, other: Connection) -> None:
    one.execute("begin")
    other.execute("begin")
    assert one.execute(OPEN).fetchall() == [(1,), (2,)]
    assert other.execute(OPEN).fetchall() == [(3,), (4,)]
    take = f"update jobs set state = 'done' where id in ({OPEN}) returning id"
    assert sorted(one.execute(take).fetchall()) == [(1,), (2,)]
    one.execute("commit")
    other.execute("rollback")
    assert one.execute(OPEN).fetchall() == [(3,), (4,)]


def test_a_cte_locks_as_well(one: Connection, other: Connection) -> None:
    one.execute("begin")
    one.execute("select from jobs where id = 1 for update")
    sql = f"with next as ({OPEN}) delete from jobs using next where jobs.id = next.id returning jobs.id"
    assert sorted(other.execute(sql).fetchall()) == [(2,), (3,)]


def test_a_locked_row_is_waited_for_and_read_again(one: Connection, other: Connection) -> None:
    one.execute("begin")
    one.execute("update jobs set state = 'old' where id = 1")
    waiting = Waiting(other, "select state from jobs where id = 1 for update")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [("old",)]


def test_a_row_that_no_longer_fits_is_left_out(one: Connection, other: Connection) -> None:
    one.execute("begin")
    one.execute("update jobs set state = 'old' where id = 1")
    waiting = Waiting(other, "select id from jobs where state = 'new' order by id limit 1 for update")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(2,)]


def test_nowait_fails_at_once(one: Connection, other: Connection) -> None:
    one.execute("begin")
    one.execute("select from jobs where id = 1 for share")
    with pytest.raises(LockNotAvailable, match='could not obtain lock on row in relation "jobs"'):
        other.execute("select from jobs where id = 1 for update nowait")
    assert other.execute("select id from jobs where id = 1 for share nowait").fetchall() == [(1,)]


def test_key_share_lets_other_columns_change(one: Connection, other: Connection) -> None:
    one.execute("begin")
    one.execute("select from jobs where id = 1 for key share")
    other.execute("update jobs set state = 'old' where id = 1")
    waiting = Waiting(other, "delete from jobs where id = 1 returning id")
    assert waiting.is_blocked
    one.execute("commit")
    assert waiting.end() == [(1,)]


def test_repeatable_read_refuses_rows_that_have_changed(one: Connection, other: Connection) -> None:
    one.execute("begin isolation level repeatable read")
    one.execute("select count(*) from jobs")
    other.execute("update jobs set state = 'old' where id = 1")
    with pytest.raises(SerializationFailure):
        one.execute("select from jobs where id = 1 for update")
    one.execute("rollback")


def test_the_nearest_rows_can_be_locked(one: Connection, other: Connection) -> None:
    one.execute("begin")
    nearest = "select id from jobs order by v <-> '[1,2]', id limit 1 for update skip locked"
    assert one.execute(nearest).fetchall() == [(1,)]
    assert other.execute(nearest).fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select count(*) from jobs for update", "FOR UPDATE is not allowed with aggregate functions"),
        ("select distinct id from jobs for share", "FOR SHARE is not allowed with DISTINCT clause"),
        ("select id from jobs group by id for update", "FOR UPDATE is not allowed with GROUP BY clause"),
        ("select id from jobs union select 1 for update", "FOR UPDATE is not allowed with UNION"),
        (
            "select row_number() over () from jobs for update",
            "FOR UPDATE is not allowed with window functions",
        ),
        (
            "select from jobs j left join jobs k on j.id = k.id for key share",
            "FOR KEY SHARE cannot be applied to the nullable side of an outer join",
        ),
    ],
)
def test_what_has_no_rows_to_lock_is_refused(one: Connection, sql: str, message: str) -> None:
    with pytest.raises(FeatureNotSupported, match=message):
        one.execute(sql)
