"""The embedded database: no socket, or one on demand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest

import sqlvec
from tests.support.server import Server


@pytest.fixture
def connection() -> Any:
    with sqlvec.connect() as connected:
        yield connected


@pytest.fixture
def items(connection: sqlvec.Connection) -> sqlvec.Connection:
    connection.execute("create table items (id int primary key, name text, v vector(3))")
    connection.execute(
        "insert into items values (1, 'a', '[1,0,0]'), (2, 'b', '[2,0,0]'), (3, null, '[3,0,0]')"
    )
    return connection


def test_rows_come_as_tuples(items: sqlvec.Connection) -> None:
    result = items.execute("select id, name from items order by id")
    assert result.fetchall() == [(1, "a"), (2, "b"), (3, None)]
    assert list(result) == result.fetchall()
    assert result.fetchone() == (1, "a")
    assert len(result) == 3
    assert result.column_names == ["id", "name"]
    assert result.column_types == ["integer", "text"]
    assert result.tag == "SELECT 3"


def test_a_statement_without_rows_has_a_tag(items: sqlvec.Connection) -> None:
    result = items.execute("delete from items where id > 1")
    assert result.tag == "DELETE 2"
    assert result.fetchall() == []
    assert result.fetchone() is None


def test_an_empty_result_keeps_its_columns(items: sqlvec.Connection) -> None:
    result = items.execute("select id, v from items where false")
    assert result.fetchall() == []
    assert result.arrow().column_names == ["id", "v"]


def test_arrow_keeps_types(items: sqlvec.Connection) -> None:
    table = items.execute("select id, name, v from items order by id").arrow()
    assert table.schema.field("id").type == pa.int32()
    assert table.column("v")[0].as_py() == [1.0, 0.0, 0.0]


def test_numpy_gives_vectors_as_a_matrix(items: sqlvec.Connection) -> None:
    columns = items.execute("select id, v from items order by id").numpy()
    assert columns["id"].tolist() == [1, 2, 3]
    assert columns["v"].dtype == np.float32
    assert columns["v"].tolist() == [[1, 0, 0], [2, 0, 0], [3, 0, 0]]


def test_parameters_take_python_and_numpy_values(items: sqlvec.Connection) -> None:
    query = "select id from items where id > $1 order by v <-> $2::vector limit $3"
    for vector in (np.array([2.9, 0, 0], np.float32), [2.9, 0.0, 0.0], "[2.9,0,0]"):
        assert items.execute(query, [1, vector, 1]).fetchall() == [(3,)]
    assert items.execute("select $1::text, $2::int", ["x", None]).fetchall() == [("x", None)]


def test_several_statements_give_the_last_result(connection: sqlvec.Connection) -> None:
    assert connection.execute("select 1; select 2 as two").fetchall() == [(2,)]


def test_the_context_manager_closes_the_database(tmp_path: Path) -> None:
    with sqlvec.connect(tmp_path / "d") as connection:
        connection.execute("create table t (i int)")
        connection.execute("insert into t values (7)")
    with sqlvec.connect(tmp_path / "d") as connection:
        assert connection.execute("select * from t").fetchall() == [(7,)]


def test_closing_rolls_an_open_transaction_back(tmp_path: Path) -> None:
    with sqlvec.connect(tmp_path / "d") as connection:
        connection.execute("create table t (i int)")
        connection.execute("begin")
        connection.execute("insert into t values (7)")
    with sqlvec.connect(tmp_path / "d") as connection:
        assert connection.execute("select * from t").fetchall() == []


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    database = sqlvec.Database(tmp_path / "d")
    connection = database.connect()
    connection.close()
    connection.close()
    database.close()
    database.close()


def test_a_second_database_on_the_directory_is_refused_by_name(tmp_path: Path) -> None:
    with (
        sqlvec.Database(tmp_path / "d"),
        pytest.raises(sqlvec.SqlError, match="is in use by another sqlvec") as caught,
    ):
        sqlvec.Database(tmp_path / "d")
    assert str(tmp_path / "d") in caught.value.message
    sqlvec.Database(tmp_path / "d").close()


def test_a_directory_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(sqlvec.SqlError, match="is not a sqlvec data directory") as caught:
        sqlvec.connect(tmp_path)
    assert str(tmp_path) in caught.value.message


BAD = [
    "selec 1",
    "select nosuch from items",
    "select * from nowhere",
    "select 1/0",
    "select '[1,x]'::vector",
    "insert into items values (1, 'again', null)",
    "insert into items values (9, 'short', '[1,2]')",
    "select 2147483648::int",
]


def test_errors_equal_those_over_the_wire(items: sqlvec.Connection) -> None:
    with (
        sqlvec.serve(items) as serving,
        psycopg.connect(f"host=127.0.0.1 port={serving.port} user=postgres", autocommit=True) as client,
    ):
        for sql in BAD:
            with pytest.raises(sqlvec.SqlError) as inside:
                items.execute(sql)
            with pytest.raises(psycopg.Error) as outside:
                client.execute(sql)
            over_the_wire = outside.value.diag
            error = inside.value
            assert error.sqlstate == over_the_wire.sqlstate, sql
            assert error.message == over_the_wire.message_primary, sql
            assert error.detail == over_the_wire.message_detail, sql
            assert error.hint == over_the_wire.message_hint, sql
            position = over_the_wire.statement_position
            assert error.position == (int(position) if position else None), sql


@pytest.mark.parametrize("parameters", [[], [1]])
def test_a_connection_goes_on_after_an_error(items: sqlvec.Connection, parameters: list[object]) -> None:
    with pytest.raises(sqlvec.SqlError):
        items.execute("select 1/0" if not parameters else "select 1/($1 - 1)", parameters)
    assert items.execute("select 1").fetchall() == [(1,)]


def test_copy_from_stdin_needs_the_wire(items: sqlvec.Connection) -> None:
    with pytest.raises(sqlvec.SqlError, match="use the wire protocol"):
        items.execute("copy items from stdin")
    assert items.execute("select count(*) from items").fetchall() == [(3,)]


def test_notices_are_collected(items: sqlvec.Connection) -> None:
    items.execute("create table if not exists items (i int)")
    assert items.notices() == ['relation "items" already exists, skipping']
    assert items.notices() == []


def test_a_notebook_serves_its_database_and_goes_on(items: sqlvec.Connection) -> None:
    with sqlvec.serve(items) as serving:
        uri = f"host=127.0.0.1 port={serving.port} user=postgres"
        with psycopg.connect(uri, autocommit=True) as client:
            client.execute("insert into items values (4, 'wire', '[4,0,0]')")
            assert items.execute("select name from items where id = 4").fetchall() == [("wire",)]
            items.execute("delete from items where id = 4")
            assert client.execute("select count(*) from items").fetchone() == (3,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(uri, connect_timeout=2)
    assert items.execute("select count(*) from items").fetchall() == [(3,)]
    with (
        sqlvec.serve(items) as again,
        psycopg.connect(f"host=127.0.0.1 port={again.port} user=postgres") as client,
    ):
        assert client.execute("select count(*) from items").fetchone() == (3,)


def test_a_database_with_several_connections_shares_its_rows() -> None:
    with sqlvec.Database() as database, database.connect() as first, database.connect() as second:
        first.execute("create table t (i int)")
        first.execute("begin")
        first.execute("insert into t values (1)")
        assert second.execute("select count(*) from t").fetchall() == [(0,)]
        first.execute("commit")
        assert second.execute("select count(*) from t").fetchall() == [(1,)]


def test_a_directory_of_a_server_opens_embedded_after_it_stopped(tmp_path: Path) -> None:
    with Server(tmp_path / "d") as server:
        with server.connect() as client:
            client.execute("create table t (v vector(2))")
            client.execute("insert into t values ('[1,2]')")
        with pytest.raises(sqlvec.SqlError, match="is in use"):
            sqlvec.connect(tmp_path / "d")
    with sqlvec.connect(tmp_path / "d") as connection:
        assert connection.execute("select v from t").numpy()["v"].tolist() == [[1, 2]]
