"""A statement that asks snapshots and DuckDB together sees one commit."""

from __future__ import annotations

import threading

import pytest

import sqlvec
from sqlvec.database import Connection

ROWS = 40
NEAREST = "(select id from a order by v <-> '[0,0]' limit 1000)"


@pytest.fixture
def moving(database: sqlvec.Database) -> sqlvec.Database:
    """Rows that are moved between two tables: each is in just one of them at any time."""
    with database.connect() as connection:
        connection.execute("create table a (id int primary key, v vector(2))")
        connection.execute("create table b (id int primary key, v vector(2))")
        connection.execute(f"insert into a select i, '[1,1]' from generate_series(1, {ROWS}) i")
        connection.execute("create index on a using hnsw (v vector_l2_ops)")
    return database


def move(connection: Connection, number: int) -> None:
    connection.execute("begin")
    source, target = ("a", "b") if number % 2 else ("b", "a")
    moved = f"insert into {target} select * from {source} where id % 3 = {number % 3}"
    connection.execute(moved)
    connection.execute(f"delete from {source} where id % 3 = {number % 3}")
    connection.execute("commit")


@pytest.mark.parametrize(
    "sql",
    [
        f"select (select count(*) from {NEAREST} x) + (select count(*) from b)",
        f"select count(*) from (select id from {NEAREST} x union all select id from b) y",
        f"select count(*) from (select id from {NEAREST} x "
        "union all (select id from b order by v <-> '[0,0]' limit 1000)) y",
    ],
)
def test_rows_that_move_are_seen_once(moving: sqlvec.Database, sql: str) -> None:
    done = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with moving.connect() as connection:
                number = 0
                while not done.is_set():
                    number += 1
                    move(connection, number)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with moving.connect() as connection:
            seen = {connection.execute(sql).fetchall()[0][0] for _ in range(60)}
            connection.execute("begin")
            connection.execute("create table mine (id int)")
            seen |= {connection.execute(sql).fetchall()[0][0] for _ in range(20)}
    finally:
        done.set()
        writer.join()
    assert failures == []
    assert seen == {ROWS}
