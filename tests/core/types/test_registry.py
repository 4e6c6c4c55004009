"""The registry: what clients, SQL, Arrow and DuckDB call a type leads to the same row."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sqlvec.core.types.registry import (
    SCALARS,
    TYPES,
    array_of,
    type_by_name,
    type_by_oid,
    type_from_arrow,
    type_from_duckdb,
)


def test_no_two_types_share_an_oid_or_a_name():
    assert len({kind.oid for kind in TYPES}) == len(TYPES)
    assert len({kind.name for kind in TYPES}) == len(TYPES)


def test_every_array_oid_is_registered_and_leads_back():
    for kind in SCALARS:
        if kind.array_oid:
            array = type_by_oid(kind.array_oid)
            assert array is array_of(kind)
            assert array.element is kind


@pytest.mark.parametrize(("spelling", "name"), [
    ("int", "int4"), ("INTEGER", "int4"), ("bigint", "int8"), ("double precision", "float8"),
    ("float", "float8"),
    ("real", "float4"), ("decimal", "numeric"), ("character varying", "varchar"), ("char", "bpchar"),
    ('"char"', "char"), ("timestamp with time zone", "timestamptz"), ("time  without time zone", "time"),
    ("_int4", "_int4"), ("int4[]", "_int4"), ("text[][]", "_text"), ("vector", "vector"),
    ("pg_catalog.int4", "int4"),
])  # fmt: skip
def test_names_as_sql_writes_them_are_found(spelling, name):
    assert type_by_name(spelling).name == name


def test_unknown_names_and_oids_are_none():
    assert type_by_name("string") is None
    assert type_by_oid(1) is None


@pytest.mark.parametrize(("arrow", "name"), [
    (pa.decimal128(38, 0), "numeric"), (pa.uint64(), "numeric"), (pa.list_(pa.int32()), "_int4"),
    (pa.list_(pa.list_(pa.int32())), "_int4"), (pa.list_(pa.float32(), 3), "vector"),
    (pa.list_(pa.float32()), "_float4"),
    (pa.large_string(), "text"), (pa.dictionary(pa.int8(), pa.string()), "text"),
    (pa.struct([("a", pa.int32())]), "record"),
    (pa.time64("us"), "time"), (pa.timestamp("us", "Etc/UTC"), "timestamptz"),
    (pa.timestamp("ns"), "timestamp"),
    (pa.list_(pa.list_(pa.float32(), 3)), "_vector"), (pa.null(), "text"),
    (pa.month_day_nano_interval(), "interval"),
])  # fmt: skip
def test_arrow_types_nobody_inferred_have_a_type(arrow, name):
    assert type_from_arrow(arrow).name == name


@pytest.mark.parametrize(("duckdb", "name"), [
    ("BIGINT", "int8"), ("DECIMAL(18,3)", "numeric"), ("FLOAT[3]", "vector"), ("FLOAT[]", "_float4"),
    ("VARCHAR[]", "_text"),
    ("TIMESTAMP WITH TIME ZONE", "timestamptz"), ("TIME WITH TIME ZONE", "timetz"), ("HUGEINT", "numeric"),
    ("JSON", "json"), ("STRUCT(a INTEGER, b VARCHAR[])", "record"), ("MAP(VARCHAR, INTEGER)", "json"),
    ("ENUM('a', 'b')", "text"), ("INTEGER[][]", "_int4"), ("FLOAT[3][]", "_vector"), ('"NULL"', "text"),
    ("DECIMAL(5,1)[]", "_numeric"), ("STRUCT(a INTEGER)[]", "_record"), ("UUID", "uuid"),
    ("INTERVAL", "interval"),
])  # fmt: skip
def test_duckdb_spellings_have_a_type(duckdb, name):
    assert type_from_duckdb(duckdb).name == name
