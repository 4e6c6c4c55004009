"""Bad input: PostgreSQL's SQLSTATE, a helpful message, a connection that goes on, and nothing lost."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.server import Server

Connection = psycopg.Connection[Any]
ROWS = [(1, "one", "[1,2,3]"), (2, "two", None)]
LONG = "select count(*) from generate_series(1, 99999) a(i), generate_series(1, 9999999) b(j) where i + j = 7"


@pytest.fixture(scope="module", autouse=True)
def _items(server: Server) -> Iterator[None]:
    with server.connect() as connection:
        connection.execute("create table items (id int primary key, name text, v vector(3))")
        connection.execute("insert into items values (1, 'one', '[1,2,3]'), (2, 'two', null)")
        yield


@pytest.fixture(autouse=True)
def _nothing_is_lost(server: Server, _items: None) -> Iterator[None]:
    yield
    with server.connect() as connection:
        assert connection.execute("select id, name, v::text from items order by id").fetchall() == ROWS


BAD = [
    # sql, SQLSTATE, message, position
    ("selec 1", "42601", 'syntax error at or near "selec"', 1),
    ("select (1", "42601", "syntax error at end of input", 10),
    ("select 'open", "42601", 'unterminated quoted string at or near "\'open"', 8),
    ("select * from nowhere", "42P01", 'relation "nowhere" does not exist', 15),
    ("insert into nowhere values (1)", "42P01", 'relation "nowhere" does not exist', 13),
    ("select nosuch from items", "42703", 'column "nosuch" does not exist', 8),
    (
        "insert into items (nosuch) values (1)",
        "42703",
        'column "nosuch" of relation "items" does not exist',
        20,
    ),
    ("select 1::nosuch", "42704", 'type "nosuch" does not exist', 11),
    ("create table bad (a nosuch)", "42704", 'type "nosuch" does not exist', 21),
    ("select id <-> v from items", "42883", "operator does not exist: integer <-> vector", 11),
    ("select nosuch(1)", "42883", "function nosuch(integer) does not exist", 8),
    ("insert into items values (3, 'x', '[1,2]')", "22000", "expected 3 dimensions, not 2", None),
    ("select v <-> '[1,2]' from items", "22000", "different vector dimensions 3 and 2", None),
    (
        "select id from items order by v <-> '[1,2]' limit 1",
        "22000",
        "different vector dimensions 3 and 2",
        None,
    ),
    ("insert into items values (3, 'x', '[1,NaN,3]')", "22000", "NaN not allowed in vector", 35),
    (
        "insert into items values (3, 'x', '[1,Infinity,3]')",
        "22000",
        "infinite value not allowed in vector",
        35,
    ),
    (
        "insert into items values (3, 'x', 'none')",
        "22P02",
        'invalid input syntax for type vector: "none"',
        35,
    ),
    (
        "insert into items values (3, 'x', '[1,2,3')",
        "22P02",
        'invalid input syntax for type vector: "[1,2,3"',
        35,
    ),
    ("select '[]'::vector", "22000", "vector must have at least 1 dimension", 8),
    ("insert into items values (2147483648)", "22003", "integer out of range", None),
    ("select 2147483647 + 1", "22003", "integer out of range", None),
    ("select 9223372036854775807 + 1", "22003", "bigint out of range", None),
    ("select 'x'::int", "22P02", 'invalid input syntax for type integer: "x"', 8),
    (
        "insert into items values (1, 'again')",
        "23505",
        'duplicate key value violates unique constraint "items_pkey"',
        None,
    ),
    ("create table items (id int)", "42P07", 'relation "items" already exists', None),
    ("create table bad (v vector(0))", "22023", "dimensions for type vector must be at least 1", 21),
    ("create table bad (v vector(16001))", "22023", "dimensions for type vector cannot exceed 16000", 21),
    ("select 1/0", "22012", "division by zero", None),
]


@pytest.mark.parametrize(("sql", "sqlstate", "message", "position"), BAD, ids=[case[0] for case in BAD])
@pytest.mark.parametrize("is_extended", [False, True])
def test_bad_sql(
    server: Server, sql: str, sqlstate: str, message: str, position: int | None, *, is_extended: bool
) -> None:
    with server.connect(prepare_threshold=0 if is_extended else None) as connection:
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(sql)
        diagnostic = caught.value.diag
        assert (diagnostic.sqlstate, diagnostic.message_primary) == (sqlstate, message)
        found = diagnostic.statement_position
        assert (int(found) if found else None) == position
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("sql", "value", "sqlstate", "message"),
    [
        (
            "insert into items (id, v) values (3, %s::vector)",
            "[1,2]",
            "22000",
            "expected 3 dimensions, not 2",
        ),
        (
            "insert into items (id, v) values (3, %s::vector)",
            "[1,nan,2]",
            "22000",
            "NaN not allowed in vector",
        ),
        (
            "insert into items (id, v) values (3, %s::vector)",
            "x",
            "22P02",
            'invalid input syntax for type vector: "x"',
        ),
        ("insert into items (id) values (%s)", 2**40, "22003", "integer out of range"),
        (
            "insert into items (id) values (%s)",
            2,
            "23505",
            'duplicate key value violates unique constraint "items_pkey"',
        ),
        (
            "select id from items order by v <-> %s::vector limit 1",
            "[1]",
            "22000",
            "different vector dimensions 3 and 1",
        ),
    ],
)
def test_bad_parameters(server: Server, sql: str, value: object, sqlstate: str, message: str) -> None:
    with server.connect() as connection:
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(sql, [value])
        assert (caught.value.diag.sqlstate, caught.value.diag.message_primary) == (sqlstate, message)
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("broken", "sqlstate", "message", "where"),
    [
        (
            b"x\tb\t[1,2,3]\n",
            "22P02",
            'invalid input syntax for type integer: "x"',
            'COPY items, line 3, column id: "x"',
        ),
        (b"5\tb\t[1,2]\n", "22000", "expected 3 dimensions, not 2", None),
        (b"5\tb\n", "22P04", 'missing data for column "v"', 'COPY items, line 3: "5\tb"'),
        (
            b"5\tb\t\\N\tmore\n",
            "22P04",
            "extra data after last expected column",
            'COPY items, line 3: "5\tb\t\\N\tmore"',
        ),
        (b"1\tagain\t\\N\n", "23505", 'duplicate key value violates unique constraint "items_pkey"', None),
    ],
)
def test_a_broken_row_of_copy_leaves_no_row(
    server: Server, broken: bytes, sqlstate: str, message: str, where: str | None
) -> None:
    with server.connect() as connection:
        with (
            pytest.raises(psycopg.Error) as caught,
            connection.cursor().copy("copy items from stdin") as copy,
        ):
            copy.write(b"3\ta\t[1,2,3]\n4\tb\t\\N\n" + broken + b"6\tc\t\\N\n")
        diagnostic = caught.value.diag
        assert (diagnostic.sqlstate, diagnostic.message_primary) == (sqlstate, message)
        if where is not None:
            assert diagnostic.context == where
        assert connection.execute("select count(*) from items").fetchone() == (2,)


def test_a_violation_in_a_block_loses_only_the_block(server: Server) -> None:
    with server.connect(autocommit=False) as connection:
        connection.execute("insert into items values (3)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into items values (1)")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("select 1")
        connection.commit()
        assert connection.execute("select count(*) from items").fetchone() == (2,)


# Bytes that no client library sends ------------------------------------------------------------------------


def connected(server: Server) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=10)


def start_up(raw: socket.socket) -> None:
    body = struct.pack(">i", 196608) + b"user\0postgres\0database\0postgres\0\0"
    raw.sendall(struct.pack(">i", len(body) + 4) + body)
    until_ready(raw)


def until_ready(raw: socket.socket) -> dict[bytes, list[bytes]]:
    """All messages by type up to ReadyForQuery or the end of the stream."""
    messages: dict[bytes, list[bytes]] = {}
    stream = raw.makefile("rb")
    while head := stream.read(5):
        kind, length = head[:1], struct.unpack(">i", head[1:])[0]
        messages.setdefault(kind, []).append(stream.read(length - 4))
        if kind == b"Z":
            break
    return messages


def fields(error: bytes) -> dict[str, str]:
    return {part[:1].decode(): part[1:].decode() for part in error.split(b"\0") if part}


def test_a_message_longer_than_its_limit_ends_that_client_with_a_word(server: Server) -> None:
    with connected(server) as raw:
        start_up(raw)
        raw.sendall(b"Q" + struct.pack(">i", 2**31 - 1))
        error = fields(until_ready(raw)[b"E"][0])
    assert error["C"] == "08P01"
    assert "invalid message length" in error["M"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 8,
        b"\xff" * 64,
        struct.pack(">ii", 8, 12345),
        struct.pack(">ii", 20, 196608) + b"no-terminator",
    ],
    ids=["http", "tls", "zeros", "ones", "unknown protocol", "unterminated"],
)
def test_garbage_instead_of_a_start_up_packet_is_turned_away(server: Server, garbage: bytes) -> None:
    with connected(server) as raw:
        raw.sendall(garbage)
        raw.shutdown(socket.SHUT_WR)
        answer = raw.recv(4096)  # an ErrorResponse or the end, but no silence
    assert answer == b"" or answer[:1] == b"E"
    with server.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x01\x02\x03\x04\x05",
        b"X\xff\xff\xff\xff",
        b"y" + struct.pack(">i", 4),
        b"B" + struct.pack(">i", 5) + b"x",
    ],
)
def test_garbage_after_the_start_ends_that_client_only(server: Server, garbage: bytes) -> None:
    with connected(server) as raw:
        start_up(raw)
        raw.sendall(garbage)
        raw.shutdown(socket.SHUT_WR)
        until_ready(raw)
    with server.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_client_that_leaves_mid_query_stops_its_query(server: Server) -> None:
    body = LONG.encode() + b"\0"
    active = "select count(*) from pg_stat_activity where state = 'active' and query = %s"
    with server.connect() as observer:
        with connected(server) as raw:
            start_up(raw)
            raw.sendall(b"Q" + struct.pack(">i", len(body) + 4) + body)
            while observer.execute(active, [LONG]).fetchone() == (0,):
                pass
        while observer.execute(active, [LONG]).fetchone() != (0,):
            pass


def test_a_client_that_leaves_in_a_transaction_rolls_it_back(server: Server) -> None:
    body = b"begin; insert into items values (77)\0"
    with connected(server) as raw:
        start_up(raw)
        raw.sendall(b"Q" + struct.pack(">i", len(body) + 4) + body)
        assert until_ready(raw)[b"Z"] == [b"T"]
    with server.connect() as connection:
        assert connection.execute("select count(*) from items where id = 77").fetchone() == (0,)


def test_a_client_that_leaves_during_copy_leaves_no_row(server: Server) -> None:
    body = b"copy items (id) from stdin\0"
    with connected(server) as raw:
        start_up(raw)
        raw.sendall(b"Q" + struct.pack(">i", len(body) + 4) + body)
        raw.sendall(b"d" + struct.pack(">i", 7) + b"78\n")
    with server.connect() as connection:
        assert connection.execute("select count(*) from items where id = 78").fetchone() == (0,)
