"""Names that SQL functions look up while a query runs."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.database import Connection


@pytest.fixture(autouse=True)
def table(connection: Connection) -> None:
    connection.execute(
        "create table t (id serial primary key); create schema aside; create table aside.u (a int)"
    )


def test_a_relation_is_qualified_where_the_search_path_does_not_lead(connection: Connection) -> None:
    sql = "select oid::regclass from pg_class where relname in ('t', 'u', 't_pkey') order by oid::regclass::text"
    assert [row[0] for row in connection.execute(sql)] == ["aside.u", "t", "t_pkey"]


def test_sequences_are_named_by_expressions(connection: Connection) -> None:
    assert connection.execute("select nextval(pg_get_serial_sequence('t', 'id'))").fetchone() == (1,)
    sql = "select nextval(relname::regclass) from pg_class where relkind = 'S'"
    assert connection.execute(sql).fetchone() == (2,)
    assert connection.execute("select currval($1)", ["t_id_seq"]).fetchone() == (2,)


def test_a_table_of_the_own_transaction_is_found(connection: Connection) -> None:
    connection.execute("begin; create table fresh (a int)")
    assert connection.execute("select $1::regclass", ["fresh"]).fetchone() == ("fresh",)
    with pytest.raises(SqlError, match='relation "nosuch" does not exist') as caught:
        connection.execute("select $1::regclass", ["nosuch"])
    assert caught.value.sqlstate == "42P01"


def test_documents_are_sorted_by_value(connection: Connection) -> None:
    sql = "select j::text from (values ('10'::jsonb), ('9'), ('[]'), ('{}'), ('null')) v (j) order by v.j"
    assert [row[0] for row in connection.execute(sql)] == ["[]", "null", "9", "10", "{}"]
