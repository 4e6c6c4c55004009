from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.database import Connection
from sqlvec.engine.redo import RedoLog, Write


@pytest.fixture(autouse=True)
def table(connection: Connection) -> None:
    connection.execute("create table t (id int primary key, name text, v vector(2))")
    connection.execute("insert into t values (1, 'a', '[1,0]'), (2, 'b', '[0,1]')")


def rows(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("select id, name from t order by id").fetchall()


def test_cutting_the_log_forgets_later_writes() -> None:
    log = RedoLog()
    log.add(Write("a"))
    log.add(Write("b"))
    log.cut(1)
    assert len(log) == 1


def test_rollback_to_keeps_what_was_written_before(connection: Connection) -> None:
    connection.execute("begin; update t set name = 'x' where id = 1; delete from t where id = 2; savepoint s")
    connection.execute("insert into t values (3); update t set name = 'y'")
    connection.execute("rollback to s")
    assert rows(connection) == [(1, "x")]
    connection.execute("commit")
    assert rows(connection) == [(1, "x")]


def test_rollback_to_mends_a_failed_block(connection: Connection) -> None:
    connection.execute("begin; insert into t values (3, 'c'); savepoint s")
    with pytest.raises(SqlError):
        connection.execute("insert into t values (1, 'again')")
    connection.execute("rollback to s")
    connection.execute("insert into t values (4, 'd'); commit")
    assert rows(connection) == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def test_rollback_to_replays_definitions_in_order(connection: Connection) -> None:
    connection.execute("begin; create table made (id int); insert into made values (7)")
    connection.execute("alter table made add column note text default 'n'; savepoint s; drop table made")
    connection.execute("rollback to s; commit")
    assert connection.execute("select * from made").fetchall() == [(7, "n")]


def test_searches_see_what_a_rollback_to_left(connection: Connection) -> None:
    connection.execute("create index on t using hnsw (v vector_l2_ops)")
    connection.execute("begin; insert into t values (3, 'c', '[9,9]'); savepoint s")
    connection.execute("delete from t where id = 3; rollback to s; commit")
    assert connection.execute("select id from t order by v <-> '[9,9]' limit 1").fetchone() == (3,)


def test_a_definition_after_the_savepoint_lets_others_define_again(
    connection: Connection, other: Connection
) -> None:
    connection.execute("begin; savepoint s; create table made (id int); rollback to s")
    other.execute("create table theirs (id int)")
    connection.execute("rollback")


def test_a_begin_takes_in_what_its_query_did_before(connection: Connection) -> None:
    connection.execute(
        "insert into t values (3, 'c'); begin; savepoint s; delete from t; rollback to s; commit"
    )
    assert rows(connection) == [(1, "a"), (2, "b"), (3, "c")]


def test_a_duplicate_of_the_transactions_own_row_is_named(connection: Connection) -> None:
    connection.execute("begin; insert into t values (7)")
    with pytest.raises(SqlError) as caught:
        connection.execute("insert into t values (8), (7)")
    assert caught.value.detail == "Key (id)=(7) already exists."
    assert connection.execute("rollback").tag == "ROLLBACK"


def test_repeatable_read_does_not_see_more_after_rollback_to(
    connection: Connection, other: Connection
) -> None:
    connection.execute("begin isolation level repeatable read; savepoint s; insert into t values (7)")
    other.execute("insert into t values (8)")
    with pytest.raises(SqlError) as caught:
        connection.execute("rollback to s")
    assert caught.value.sqlstate == "40001"
    connection.execute("rollback")
