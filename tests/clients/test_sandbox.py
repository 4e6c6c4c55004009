"""No SQL text reaches what DuckDB could do beside SQL: every function, setting and statement that it lists
about itself is tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

import sqlvec
from sqlvec.database import Connection

SECRET = "/etc/hostname"
# Functions that are not PostgreSQL's and harmless: the parser takes them for others of the same meaning.
SYNONYMS = {"lcase", "len", "log2", "ucase", "unicode", "uuid"}
STATEMENTS = [
    "attach 'x.db' as x",
    "detach x",
    "install httpfs",
    "load httpfs",
    "pragma database_list",
    "pragma version",
    "import database 'x'",
    "export database 'x'",
    "use memory",
    "call pragma_version()",
    f"copy (select 1) to '{SECRET}.txt'",
    f"copy t from '{SECRET}'",
    "copy t from program 'id'",
    f"select * from '{SECRET}'",
    f"from '{SECRET}'",
    "create macro m() as 1",
    "create secret s (type s3)",
    "describe t",
    "summarize t",
    "show all tables",
    "set variable x = 1",
    "checkpoint memory",
    "force checkpoint",
    "select getvariable('sqlvec_session')",
    "select * from duckdb_settings()",
    "select * from t1234567",
    "select _sqlvec_rid from t",
    "select * from sqlvec_catalog",
]


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with sqlvec.Database() as database, database.connect() as opened:
        opened.execute("create table t (id int)")
        yield opened


def listed(sql: str) -> list[str]:
    with duckdb.connect() as bare:
        return sorted({row[0] for row in bare.execute(sql).fetchall()})


def test_functions_of_duckdb_alone_do_not_exist(connection: Connection) -> None:
    known = {name for (name,) in connection.execute("select proname from pg_proc").fetchall()} | SYNONYMS
    answered, broken = [], []
    for name in listed("select function_name from duckdb_functions()"):
        if name in known or not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
            continue
        for call in (f"{name}()", f"{name}('{SECRET}')", f"{name}(1, 2)"):
            for sql in (f"select {call}", f"select * from {call}"):
                try:
                    connection.execute(sql)
                except sqlvec.SqlError as error:
                    if error.sqlstate == "XX000":
                        broken.append(sql)
                else:
                    answered.append(sql)
    assert broken == []
    # Words that PostgreSQL takes without parentheses, and constructors that are no functions there.
    words = re.compile(
        r"current_|session_user|row\(|greatest|least|nullif|coalesce|trim|mod\(|pow"
        r"|regr_|has_\w+_privilege|inet_server|pg_|txid_|_timestamp"  # PostgreSQL's too
    )
    assert [sql for sql in answered if not words.search(sql)] == []


def test_settings_of_duckdb_cannot_be_read_or_changed(connection: Connection) -> None:
    ours = {name.lower() for (name,) in connection.execute("select name from pg_settings").fetchall()}
    for name in listed("select name from duckdb_settings()"):
        if name.lower() in ours:
            continue
        for sql in (f"set {name} = '1'", f"set global {name} = '1'", f"reset {name}", f"show {name}"):
            with pytest.raises(sqlvec.SqlError) as caught:
                connection.execute(sql)
            assert caught.value.sqlstate != "XX000", sql


@pytest.mark.parametrize("sql", STATEMENTS)
def test_statements_of_duckdb_alone_are_refused(connection: Connection, sql: str) -> None:
    with pytest.raises(sqlvec.SqlError) as caught:
        connection.execute(sql)
    assert caught.value.sqlstate != "XX000"
