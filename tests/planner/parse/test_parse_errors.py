"""What is not SQL is refused with PostgreSQL's words and place."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.planner.parse import parse, parse_expression, parse_query
from tests.planner.parse import golden


def test_every_broken_statement_is_refused_as_written(request: pytest.FixtureRequest) -> None:
    comment, blocks = golden.read()
    actual = [(sql, golden.outcome(sql)) for sql, _ in blocks]
    if request.config.getoption("--update-golden"):
        golden.write(comment, actual)
    assert actual == blocks


@pytest.mark.parametrize(
    ("sql", "message", "position"),
    [
        ("select 1; frobnicate x", 'syntax error at or near "frobnicate"', 11),
        ("select 1; select 2 +", "syntax error at end of input", 21),
        ("select 2 + ; select 1", 'syntax error at or near ";"', 12),
        ("create table t (a int default (1 + ))", 'syntax error at or near ")"', 36),
        ("selec 'abc", 'syntax error at or near "selec"', 1),
        ("copy (select 1 from ) to stdout", 'syntax error at or near ")"', 21),
        ("äöü", 'syntax error at or near "äöü"', 1),
        ("select 'ä' from where", 'syntax error at or near "where"', 17),
    ],
)
def test_position_counts_in_the_whole_text(sql: str, message: str, position: int) -> None:
    with pytest.raises(SqlError) as caught:
        parse(sql)
    assert (caught.value.sqlstate, caught.value.message) == ("42601", message)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("sql", "construct"),
    [
        ("grant usage on tablespace t to u", "GRANT ON TABLESPACE"),
        ("create or replace function f() returns int language sql as 'select 1'", "CREATE FUNCTION"),
        ("create materialized view v as select 1", "CREATE MATERIALIZED VIEW"),
        ("create foreign table t (a int) server s", "CREATE FOREIGN TABLE"),
        ("alter text search configuration c rename to d", "ALTER TEXT SEARCH CONFIGURATION"),
        ("drop function f(int)", "DROP FUNCTION"),
        ("listen x", "LISTEN"),
        ("merge into t using u on true when matched then delete", "MERGE"),
        ("do $$ begin end $$", "DO"),
        ("with x as (select 1) merge into t using x on true when matched then delete", "MERGE"),
        ("delete from t where current of c", "WHERE CURRENT OF"),
        ("select sum(a) over (groups 2 preceding) from t", "GROUPS in a window frame"),
        ("select @ -5", "prefix operator @"),
        ("create table t (a int) partition by range (a)", "PARTITION BY in CREATE TABLE"),
        ("create table t (a int) inherits (u)", "INHERITS"),
        ("create temp table t (a int) on commit drop", "ON COMMIT DROP"),
        ("commit prepared 'x'", "COMMIT PREPARED"),
    ],
)
def test_what_postgres_has_and_we_have_not_is_named(sql: str, construct: str) -> None:
    with pytest.raises(SqlError) as caught:
        parse(sql)
    assert caught.value.sqlstate == "0A000"
    assert caught.value.message == f"{construct} is not supported"
    assert caught.value.position is not None


@pytest.mark.parametrize("sql", ["select 1::blob", "select cast(1 as tinyint)", "select 1::string"])
def test_types_of_other_databases_do_not_exist(sql: str) -> None:
    with pytest.raises(SqlError) as caught:
        parse(sql)
    assert caught.value.sqlstate == "42704"


@pytest.mark.parametrize("head", ["(", "f(", "not ", "- ", "array[", "case when true then ", "(select "])
def test_deep_nesting_is_an_error_and_not_a_crash(head: str) -> None:
    with pytest.raises(SqlError) as caught:
        parse("select " + head * 20000 + "1")
    assert caught.value.sqlstate in ("54001", "42601")


def test_nothing_but_one_expression_is_an_expression() -> None:
    assert parse_expression("a + 1").sql() == "a + 1"
    for sql in ("", "a, b", "a b", "a as b", "select 1 from"):
        with pytest.raises(SqlError):
            parse_expression(sql)


def test_nothing_but_a_query_is_a_query() -> None:
    assert parse_query("select 1 as a").tree.sql() == "SELECT 1 AS a"
    for sql in ("insert into t values (1)", "select 1 into t", "begin", "select 1; select 2"):
        with pytest.raises(SqlError):
            parse_query(sql)
