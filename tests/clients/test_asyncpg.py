"""asyncpg: binary everywhere, named statements, portals with row limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from pgvector.asyncpg import register_vector

from tests.support.server import Server

Connection = Any  # asyncpg's class has no type for its rows
LONG = "select count(*) from generate_series(1, 99999) a(i), generate_series(1, 9999999) b(j) where i + j = 7"


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(
        host=server.host, port=server.port, user="postgres", database="postgres"
    )
    try:
        yield connection
    finally:
        await connection.close()


def run(server: Server, body: Callable[[Connection], Awaitable[None]]) -> None:
    """Run the body with a connection and a table `items`."""

    async def main() -> None:
        async with connected(server) as connection:
            await connection.execute("create table items (id int primary key, name text, v vector(3))")
            try:
                await body(connection)
            finally:
                await connection.execute("drop table items")

    asyncio.run(main())


def test_values_of_every_type_go_both_ways_in_binary(server: Server) -> None:
    values: list[tuple[str, object]] = [
        ("bool", True),
        ("int2", -5),
        ("int4", 2**31 - 1),
        ("int8", -(2**63)),
        ("float4", 0.5),
        ("float8", 1e300),
        ("numeric", Decimal("12345678901234567890.0123456789")),
        ("text", "naïve €"),
        ("varchar", "v"),
        ("bytea", b"\x00\x01"),
        ("date", date(2026, 2, 28)),
        ("timestamp", datetime(2026, 2, 28, 12, 30, 0, 123456)),
        ("timestamptz", datetime(2026, 2, 28, 12, 30, tzinfo=UTC)),
        ("interval", timedelta(days=3, seconds=7)),
        ("uuid", UUID(int=7)),
        ("jsonb", '{"a": [1, 2]}'),
        ("int4[]", [1, None, 3]),
        ("text[]", ["a", 'b"c', None]),
    ]

    async def body(connection: Connection) -> None:
        for kind, value in values:
            assert await connection.fetchval(f"select $1::{kind}", value) == value, kind
            assert await connection.fetchval(f"select $1::{kind}", None) is None, kind

    run(server, body)


def test_a_prepared_statement_knows_its_types_before_it_runs(server: Server) -> None:
    async def body(connection: Connection) -> None:
        statement = await connection.prepare("select id, name from items where id = $1 and name = $2")
        assert [kind.name for kind in statement.get_parameters()] == ["int4", "text"]
        assert [(column.name, column.type.name) for column in statement.get_attributes()] == [
            ("id", "int4"),
            ("name", "text"),
        ]
        await connection.execute("insert into items (id, name) values (1, 'a')")
        assert await statement.fetchval(1, "a") == 1
        assert await statement.fetch(1, "b") == []

    run(server, body)


def test_execute_gives_the_command_tag(server: Server) -> None:
    async def body(connection: Connection) -> None:
        assert await connection.execute("insert into items (id) values ($1), ($2)", 1, 2) == "INSERT 0 2"
        assert await connection.execute("update items set name = 'x'") == "UPDATE 2"
        assert await connection.execute("delete from items where id = 1; delete from items") == "DELETE 1"

    run(server, body)


def test_a_cursor_reads_with_row_limits(server: Server) -> None:
    async def body(connection: Connection) -> None:
        async with connection.transaction():
            sql = "select i from generate_series(1, 250) g (i) order by i"
            numbers = [row["i"] async for row in connection.cursor(sql, prefetch=100)]
            assert numbers == list(range(1, 251))
            cursor = await connection.cursor(
                "select i from generate_series(1, 10) g (i) where i > $1 order by i", 2
            )
            assert (await cursor.fetchrow())["i"] == 3
            assert await cursor.forward(2) == 2
            assert [row["i"] for row in await cursor.fetch(100)] == [6, 7, 8, 9, 10]

    run(server, body)


def test_two_cursors_are_read_in_turns(server: Server) -> None:
    async def body(connection: Connection) -> None:
        async with connection.transaction():
            first = await connection.cursor("select i from generate_series(1, 50000) g (i) order by i")
            second = await connection.cursor(
                "select -i as i from generate_series(1, 50000) g (i) order by 1 desc"
            )
            for number in range(1, 4):
                assert (await first.fetchrow())["i"] == number
                assert (await second.fetchrow())["i"] == -number

    run(server, body)


def test_executemany_is_one_transaction(server: Server) -> None:
    async def body(connection: Connection) -> None:
        await connection.executemany(
            "insert into items (id, name) values ($1, $2)", [(i, str(i)) for i in range(500)]
        )
        assert await connection.fetchval("select count(*) from items") == 500
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.executemany("insert into items (id) values ($1)", [(1000,), (1001,), (3,)])
        assert await connection.fetchval("select count(*) from items") == 500

    run(server, body)


def test_records_are_copied_in_and_queries_out(server: Server) -> None:
    async def body(connection: Connection) -> None:
        records = [(1, "a"), (2, None), (3, "c,d")]
        assert (
            await connection.copy_records_to_table("items", records=records, columns=["id", "name"])
            == "COPY 3"
        )
        output = BytesIO()
        tag = await connection.copy_from_query(
            "select id, name from items where id > $1 order by id",
            1,
            output=output,
            format="csv",
            header=True,
        )
        assert tag == "COPY 2"
        assert output.getvalue() == b'id,name\n2,\n3,"c,d"\n'
        source = BytesIO(b"4\tfour\n")
        assert await connection.copy_to_table("items", source=source, columns=["id", "name"]) == "COPY 1"
        assert await connection.fetchval("select name from items where id = 4") == "four"

    run(server, body)


def test_pgvector_registers_and_numpy_goes_both_ways(server: Server) -> None:
    async def body(connection: Connection) -> None:
        await register_vector(connection)
        vectors = [np.array([i, 0, 0], np.float32) for i in range(30)]
        await connection.copy_records_to_table("items", records=list(enumerate(vectors)), columns=["id", "v"])
        query = np.array([11.2, 0, 0], np.float32)
        rows = await connection.fetch("select id, v from items order by v <-> $1 limit 2", query)
        assert [row["id"] for row in rows] == [11, 12]
        found = rows[0]["v"]
        assert np.array_equal(found.to_numpy() if hasattr(found, "to_numpy") else found, vectors[11])

    run(server, body)


def test_a_codec_of_ones_own_is_used(server: Server) -> None:
    async def body(connection: Connection) -> None:
        await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        assert await connection.fetchval("select $1::jsonb", {"a": [1, None]}) == {"a": [1, None]}
        await connection.set_type_codec(
            "vector", encoder=str, decoder=json.loads, schema="public", format="text"
        )
        assert await connection.fetchval("select $1::vector", [1, 2]) == [1, 2]

    run(server, body)


def test_a_timeout_cancels_and_the_connection_goes_on(server: Server) -> None:
    async def body(connection: Connection) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetch(LONG, timeout=0.3)
        assert await connection.fetchval("select 1") == 1

    run(server, body)


def test_a_cancelled_task_cancels_its_statement(server: Server) -> None:
    async def body(connection: Connection) -> None:
        task = asyncio.create_task(connection.fetch(LONG))
        async with connected(server) as other:
            sql = "select count(*) from pg_stat_activity where state = 'active' and query = $1"
            while await other.fetchval(sql, LONG) == 0:
                pass
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await connection.fetchval("select 1") == 1

    run(server, body)


def test_nested_transactions_are_savepoints(server: Server) -> None:
    async def body(connection: Connection) -> None:
        async with connection.transaction(), connection.transaction():
            await connection.execute("insert into items (id) values (1)")
        assert await connection.fetchval("select count(*) from items") == 1

    run(server, body)


def test_isolation_levels_are_taken(server: Server) -> None:
    async def body(connection: Connection) -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            assert await connection.fetchval("show transaction_isolation") == "repeatable read"

    run(server, body)


def test_a_pool_resets_its_connections(server: Server) -> None:
    async def main() -> None:
        options: dict[str, Any] = {
            "host": server.host,
            "port": server.port,
            "user": "postgres",
            "database": "postgres",
        }
        async with asyncpg.create_pool(min_size=1, max_size=1, **options) as pool:
            async with pool.acquire() as connection:
                await connection.execute("set extra_float_digits = 0")
            async with pool.acquire() as connection:
                assert await connection.fetchval("show extra_float_digits") == "1"

    asyncio.run(main())


def test_an_error_has_its_class_and_position(server: Server) -> None:
    async def body(connection: Connection) -> None:
        with pytest.raises(asyncpg.UndefinedColumnError) as caught:
            await connection.fetch("select nosuch from items")
        assert caught.value.position == "8"
        assert await connection.fetchval("select 1") == 1

    run(server, body)
