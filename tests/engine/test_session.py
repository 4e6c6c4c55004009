from __future__ import annotations

import threading

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.outcome import Rows
from sqlvec.database import Connection

SLOW = "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b where a.a + b.b < 0"
INT4_OID = 23


def test_a_portal_with_a_row_limit_goes_on_where_it_stopped(connection: Connection) -> None:
    session = connection._session
    session.prepare("", "select g from generate_series(1, 5) as g", [])
    session.bind("p", "", [], [])
    portions = []
    for _ in range(3):
        outcome = session.execute("p", 2)
        assert isinstance(outcome, Rows)
        portions.append([value for batch in outcome.stream for value in batch.column(0).to_pylist()])
    session.sync()
    assert portions == [[1, 2], [3, 4], [5]]


def test_a_suspended_portal_keeps_its_rows_while_another_statement_runs(connection: Connection) -> None:
    session = connection._session
    session.prepare("many", "select g from generate_series(1, 3) as g", [])
    session.bind("p", "many", [], [])
    first = session.execute("p", 1)
    assert isinstance(first, Rows)
    assert sum(batch.num_rows for batch in first.stream) == 1
    session.prepare("one", "select 1", [])
    session.bind("q", "one", [], [])
    other = session.execute("q", 0)
    assert isinstance(other, Rows)
    assert sum(batch.num_rows for batch in other.stream) == 1
    rest = session.execute("p", 0)
    assert isinstance(rest, Rows)
    assert sum(batch.num_rows for batch in rest.stream) == 2
    session.sync()


def test_a_prepared_statement_is_planned_again_after_ddl(connection: Connection) -> None:
    connection.execute("create table t (id int)")
    connection.execute("prepare all_of_it as select * from t")
    connection.execute("alter table t add column name text default 'x'; insert into t values (1)")
    assert connection.execute("execute all_of_it").fetchall() == [(1, "x")]


def test_a_prepared_statement_fails_when_its_table_is_gone(connection: Connection) -> None:
    connection.execute("create table t (id int); prepare all_of_it as select * from t; drop table t")
    with pytest.raises(SqlError) as caught:
        connection.execute("execute all_of_it")
    assert caught.value.sqlstate == "42P01"


@pytest.mark.parametrize(
    "sql",
    [
        "select " + "+".join(["1"] * 5_000),
        "select " + "not " * 20_000 + "true",
        "select " + "(" * 2_000 + "1" + ")" * 2_000,
        "select 1" + "::int" * 20_000,
    ],
    ids=["sum", "not", "parentheses", "casts"],
)
def test_a_statement_nested_too_deep_is_refused_and_the_next_one_runs(
    connection: Connection, sql: str
) -> None:
    with pytest.raises(SqlError) as caught:
        connection.execute(sql)
    assert caught.value.sqlstate == "54001"
    assert caught.value.message == "stack depth limit exceeded"
    assert 'parameter "max_stack_depth"' in (caught.value.hint or "")
    assert connection.execute("select 1").fetchall() == [(1,)]


@pytest.mark.parametrize("word", ["or", "and"])
def test_a_condition_of_thousands_of_terms_is_answered(connection: Connection, word: str) -> None:
    condition = f" {word} ".join(f"(g = {i} or g = 1 and {i} = {i})" for i in range(2_000))
    found = connection.execute(f"select g from generate_series(1, 3) as g where {condition} order by g")
    assert found.fetchall() == ([(1,), (2,), (3,)] if word == "or" else [(1,)])


def test_ten_thousand_values_are_answered(connection: Connection) -> None:
    numbers = range(10_000)
    rows = ", ".join(f"({i}, 'x')" for i in numbers)
    listed = ", ".join(map(str, numbers))
    found = connection.execute(f"select count(*) from (values {rows}) as t (i, x) where i in ({listed})")
    assert found.fetchall() == [(10_000,)]


def test_cancel_stops_a_running_statement(connection: Connection) -> None:
    session = connection._session
    timer = threading.Timer(0.2, session.cancel)
    timer.start()
    with pytest.raises(SqlError) as caught:
        connection.execute(SLOW)
    timer.join()
    assert caught.value.sqlstate == "57014"
    assert connection.execute("select 1").fetchone() == (1,)


def test_statement_timeout_names_itself(connection: Connection) -> None:
    connection.execute("create table t (a bigint); set statement_timeout to 100")
    with pytest.raises(SqlError) as caught:
        connection.execute(f"insert into t {SLOW}")
    assert caught.value.sqlstate == "57014"
    assert caught.value.message == "canceling statement due to statement timeout"


def test_returning_gives_what_was_written_and_joined(connection: Connection) -> None:
    connection.execute("create table t (id serial, n int); create table other (k int, label text)")
    connection.execute("insert into other values (1, 'one')")
    assert connection.execute("insert into t (n) values (10), (20) returning id, n * 2").fetchall() == [
        (1, 20),
        (2, 40),
    ]
    found = connection.execute("update t set n = 0 from other o where o.k = t.id returning t.id, n, o.label")
    assert found.fetchall() == [(1, 0, "one")]
    deleted = connection.execute("delete from t using other o where o.k = t.id returning t.*, o.label")
    assert deleted.fetchall() == [(1, 0, "one")]
