from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.database import Connection


def code_of(connection: Connection, sql: str) -> str:
    with pytest.raises(SqlError) as caught:
        connection.execute(sql)
    return caught.value.sqlstate


def ids(connection: Connection, table: str = "t") -> list[int]:
    return [row[0] for row in connection.execute(f"select id from {table} order by id")]


@pytest.fixture(autouse=True)
def table(connection: Connection) -> None:
    connection.execute("create table t (id int primary key, name text, v vector(2))")


def test_an_uncommitted_row_is_its_own_sessions_only(connection: Connection, other: Connection) -> None:
    connection.execute("begin")
    connection.execute("insert into t values (1, 'a', '[1,2]')")
    assert ids(connection) == [1]
    assert ids(other) == []
    connection.execute("commit")
    assert ids(other) == [1]


def test_repeatable_read_keeps_its_first_sight(connection: Connection, other: Connection) -> None:
    connection.execute("begin isolation level repeatable read")
    assert ids(connection) == []
    other.execute("insert into t values (1, 'a', '[1,2]')")
    assert ids(connection) == []
    connection.execute("commit")
    assert ids(connection) == [1]


def test_statements_of_one_query_fail_together(connection: Connection) -> None:
    assert code_of(connection, "insert into t values (1); insert into t values (1)") == "23505"
    assert ids(connection) == []


def test_a_failed_block_refuses_statements_until_its_end(connection: Connection) -> None:
    connection.execute("begin")
    assert code_of(connection, "select 1/0") == "22012"
    assert code_of(connection, "set timezone to 'Asia/Tokyo'") == "25P02"
    assert connection.execute("commit").tag == "ROLLBACK"
    assert connection.execute("select 1").fetchone() == (1,)


def test_rollback_restores_settings(connection: Connection) -> None:
    connection.execute("begin; set timezone to 'Asia/Tokyo'")
    connection.execute("rollback")
    assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_rolled_back_definitions_leave_no_table(connection: Connection) -> None:
    connection.execute("begin; create table gone (id int); alter table t add column extra int; drop table t")
    connection.execute("rollback")
    assert code_of(connection, "select * from gone") == "42P01"
    assert connection.execute("select * from t").column_names == ["id", "name", "v"]


def test_chain_begins_a_block_with_the_same_modes(connection: Connection) -> None:
    connection.execute("begin isolation level repeatable read read only")
    connection.execute("commit and chain")
    assert connection.execute("show transaction_isolation").fetchone() == ("repeatable read",)
    assert code_of(connection, "insert into t values (1)") == "25006"


def test_ddl_waits_for_no_longer_than_lock_timeout(connection: Connection, other: Connection) -> None:
    connection.execute("begin; create table held (a int)")
    other.execute("set lock_timeout to '60ms'")
    assert code_of(other, "create table waiting (a int)") == "55P03"


def test_statement_timeout_ends_a_wait_of_ddl(connection: Connection, other: Connection) -> None:
    connection.execute("begin; create table held (a int)")
    other.execute("set statement_timeout to '60ms'")
    assert code_of(other, "create table waiting (a int)") == "57014"
