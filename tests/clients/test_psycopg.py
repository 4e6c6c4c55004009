"""psycopg 3 as applications use it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
from pgvector.psycopg import register_vector
from psycopg.pq import TransactionStatus

from tests.support.server import Server

Connection = psycopg.Connection[Any]
LONG = "select count(*) from generate_series(1, 99999) a(i), generate_series(1, 9999999) b(j) where i + j = 7"


@pytest.fixture
def items(connection: Connection) -> Iterator[Connection]:
    connection.execute(
        "create table items (id int primary key, name text, price numeric(10, 2), v vector(3))"
    )
    yield connection
    connection.execute("drop table items")


def test_a_simple_query_without_parameters_gives_python_values(connection: Connection) -> None:
    row = connection.execute("select 1, 'a', true, null, 1.50::numeric, '{1,2}'::int[]").fetchone()
    assert row is not None
    assert [str(value) for value in row] == ["1", "a", "True", "None", "1.50", "[1, 2]"]


def test_several_statements_in_one_string_give_several_results(connection: Connection) -> None:
    cursor = connection.execute("select 1; select 'two'; show server_version_num")
    assert cursor.fetchone() == (1,)
    assert cursor.nextset()
    assert cursor.fetchone() == ("two",)
    assert cursor.nextset()
    assert not cursor.nextset()


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("prepare", [False, True])
def test_parameters_go_both_ways(connection: Connection, *, binary: bool, prepare: bool) -> None:
    given = (7, "Käse", 2.5, True, b"\x00\xff", [1, 2], None)
    sql = "select %b::int, %b::text, %b::float8, %b::bool, %b::bytea, %b::int[], %b::text"
    cursor = connection.cursor(binary=binary)
    for _ in range(2):
        got = cursor.execute(sql if binary else sql.replace("%b", "%t"), given, prepare=prepare).fetchone()
        assert got == given


def test_a_statement_prepared_by_name_survives_ddl_on_its_table(items: Connection) -> None:
    sql = "select name from items where id = %s"
    items.execute("insert into items (id, name) values (1, 'a')")
    assert items.execute(sql, [1], prepare=True).fetchall() == [("a",)]
    items.execute("alter table items add column extra int")
    assert items.execute(sql, [1], prepare=True).fetchall() == [("a",)]


def test_a_server_side_cursor_reads_in_portions(connection: Connection) -> None:
    with connection.transaction(), connection.cursor("portions") as cursor:
        cursor.execute("select i from generate_series(1, 1000) g (i) order by i")
        assert cursor.fetchone() == (1,)
        assert cursor.fetchmany(3) == [(2,), (3,), (4,)]
        assert len(cursor.fetchall()) == 996


def test_a_pipeline_gives_its_results_in_order(items: Connection) -> None:
    with items.pipeline():
        items.execute("insert into items (id) values (%s)", [1])
        items.execute("insert into items (id) values (%s)", [2])
        found = items.execute("select count(*) from items")
        assert found.fetchone() == (2,)


def test_an_error_in_a_pipeline_skips_what_follows_up_to_the_sync(items: Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation), items.pipeline():
        items.execute("insert into items (id) values (1)")
        items.execute("insert into items (id) values (1)")
        items.execute("insert into items (id) values (2)")
    assert items.execute("select count(*) from items").fetchone() == (0,)


def test_executemany_inserts_all_and_returns_rows(items: Connection) -> None:
    cursor = items.cursor()
    rows = [(i, f"n{i}") for i in range(100)]
    cursor.executemany("insert into items (id, name) values (%s, %s) returning id", rows, returning=True)
    assert cursor.fetchone() == (0,)
    assert items.execute("select count(*), sum(id) from items").fetchone() == (100, 4950)


@pytest.mark.parametrize("options", ["", "(format csv, header)", "(format binary)"])
def test_copy_goes_in_and_out_again_unchanged(items: Connection, options: str) -> None:
    items.execute(
        "insert into items values (1, E'a\\tb\"c', 1.50, '[1,2,3]'), (2, null, null, null), (3, '', 0, '[0,0,0]')"
    )
    before = items.execute("select * from items order by id").fetchall()
    with items.cursor().copy(f"copy items to stdout {options}") as copy:
        image = b"".join(copy)
    items.execute("truncate items")
    with items.cursor().copy(f"copy items from stdin {options}") as copy:
        copy.write(image)
    assert items.execute("select * from items order by id").fetchall() == before


def test_copy_rows_are_written_by_value_in_text_and_binary(items: Connection) -> None:
    with items.cursor().copy("copy items (id, name) from stdin") as copy:
        copy.write_row((1, "text"))
    with items.cursor().copy("copy items (id, name) from stdin (format binary)") as copy:
        copy.set_types(["int4", "text"])
        copy.write_row((2, "binary"))
    with items.cursor().copy("copy (select id, name from items order by id) to stdout") as copy:
        copy.set_types(["int4", "text"])
        assert list(copy.rows()) == [(1, "text"), (2, "binary")]


@pytest.mark.parametrize("options", ["", "(format csv)"])
def test_parameters_and_copy_are_in_the_zone_of_the_session(connection: Connection, options: str) -> None:
    connection.execute("create table moments (at timestamptz)")
    try:
        connection.execute("set timezone to 'Asia/Tokyo'")
        connection.execute("insert into moments values (%s::timestamptz)", ["2024-06-01 12:00"])
        with connection.cursor().copy(f"copy moments from stdin {options}") as copy:
            copy.write("2024-06-01 12:00:00\n")
        connection.execute("set timezone to 'UTC'")
        found = connection.execute("select at::text from moments").fetchall()
        assert found == [("2024-06-01 03:00:00+00",)] * 2
    finally:
        connection.execute("drop table moments")


def test_a_copy_that_the_client_breaks_off_leaves_no_row(items: Connection) -> None:
    with pytest.raises(ZeroDivisionError), items.cursor().copy("copy items (id) from stdin") as copy:
        copy.write_row((1,))
        raise ZeroDivisionError
    assert items.execute("select count(*) from items").fetchone() == (0,)


def test_notices_reach_the_handler(items: Connection) -> None:
    heard: list[tuple[str | None, str | None]] = []
    items.add_notice_handler(lambda notice: heard.append((notice.severity, notice.message_primary)))
    items.execute("create table if not exists items (id int)")
    assert heard == [("NOTICE", 'relation "items" already exists, skipping')]


def test_cancel_ends_the_statement_and_keeps_the_connection(connection: Connection) -> None:
    canceller = threading.Timer(0.3, connection.cancel_safe)
    canceller.start()
    with pytest.raises(psycopg.errors.QueryCanceled, match="canceling statement due to user request"):
        connection.execute(LONG)
    canceller.join()
    assert connection.execute("select 1").fetchone() == (1,)


def test_statement_timeout_ends_the_statement(connection: Connection) -> None:
    connection.execute("set statement_timeout = '200ms'")
    with pytest.raises(psycopg.errors.QueryCanceled, match="canceling statement due to statement timeout"):
        connection.execute(LONG)
    connection.execute("reset statement_timeout")
    assert connection.execute("select 1").fetchone() == (1,)


def test_a_transaction_context_commits_or_rolls_back(items: Connection) -> None:
    with items.transaction():
        items.execute("insert into items (id) values (1)")
    with pytest.raises(ZeroDivisionError), items.transaction():
        items.execute("insert into items (id) values (2)")
        raise ZeroDivisionError
    with items.transaction(force_rollback=True):
        items.execute("insert into items (id) values (3)")
    assert items.execute("select id from items").fetchall() == [(1,)]


def test_without_autocommit_nothing_is_seen_before_the_commit(server: Server, items: Connection) -> None:
    with server.connect(autocommit=False) as writer:
        writer.execute("insert into items (id) values (1)")
        assert items.execute("select count(*) from items").fetchone() == (0,)
        writer.commit()
        assert items.execute("select count(*) from items").fetchone() == (1,)


def test_a_failed_transaction_refuses_statements_until_rollback(server: Server) -> None:
    with server.connect(autocommit=False) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("select 1/0")
        assert connection.info.transaction_status is TransactionStatus.INERROR
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("select 1")
        connection.rollback()
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("binary", [False, True])
def test_vectors_go_both_ways_as_numpy(items: Connection, *, binary: bool) -> None:
    items.execute("create extension if not exists vector")
    register_vector(items)
    given = np.array([1.5, -2, 3], np.float32)
    items.execute("insert into items (id, v) values (1, %s)", [given])
    cursor = items.cursor(binary=binary)
    found = cursor.execute("select v, v <-> %s from items", [np.array([1.5, -2, 4])]).fetchone()
    assert found is not None
    assert np.array_equal(
        np.asarray(found[0].to_numpy() if hasattr(found[0], "to_numpy") else found[0]), given
    )
    assert found[1] == 1.0


def test_vectors_are_copied_in_binary(items: Connection) -> None:
    register_vector(items)
    with items.cursor().copy("copy items (id, v) from stdin with (format binary)") as copy:
        copy.set_types(["int4", "vector"])
        for number in range(20):
            copy.write_row((number, np.full(3, number, np.float32)))
    nearest = items.execute(
        "select id from items order by v <-> %s limit 3", [np.array([7.1, 7, 7])]
    ).fetchall()
    assert nearest == [(7,), (8,), (6,)]


def test_an_error_carries_every_field(items: Connection) -> None:
    items.execute("insert into items (id) values (1)")
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        items.execute("insert into items (id) values (1)")
    diagnostic = caught.value.diag
    assert diagnostic.message_primary == 'duplicate key value violates unique constraint "items_pkey"'
    assert diagnostic.message_detail == "Key (id)=(1) already exists."
    assert (diagnostic.table_name, diagnostic.constraint_name) == ("items", "items_pkey")
