"""Parameters: Python objects of embedded users, and what DuckDB is given for one value."""

from __future__ import annotations

import datetime
import decimal
import uuid

import numpy as np
import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_by_name
from sqlvec.core.types.values import duckdb_type, from_python, to_python

PLUS_TWO = datetime.timezone(datetime.timedelta(hours=2))


class Vector:
    def to_numpy(self) -> np.ndarray:
        return np.array([1, 2, 3], np.float32)


@pytest.mark.parametrize(("value", "name", "text"), [
    (None, "unknown", None),
    (True, "bool", "t"),
    (5, "int4", "5"),
    (2**40, "int8", "1099511627776"),
    (2**70, "numeric", "1180591620717411303424"),
    (1.5, "float8", "1.5"),
    (decimal.Decimal("1.50"), "numeric", "1.50"),
    ("x", "unknown", "x"),
    (b"\0\1", "bytea", "\\x0001"),
    (datetime.date(2024, 1, 2), "date", "2024-01-02"),
    (datetime.time(1, 2, 3, tzinfo=PLUS_TWO), "timetz", "01:02:03+02"),
    (datetime.datetime(2024, 1, 2, 3, 4), "timestamp", "2024-01-02 03:04:00"),
    (datetime.datetime(2024, 1, 2, 3, 4, tzinfo=PLUS_TWO), "timestamptz", "2024-01-02 01:04:00+00"),
    (datetime.timedelta(days=-1, microseconds=5), "interval", "-1 days +00:00:00.000005"),
    (uuid.UUID(int=5), "uuid", "00000000-0000-0000-0000-000000000005"),
    ({"b": 1, "a": [1.5]}, "jsonb", '{"a": [1.5], "b": 1}'),
    ([1, None], "_int4", "{1,NULL}"),
    ([1, 2.5], "_float8", "{1,2.5}"),
    ([[1, 2], [3, 4]], "_int4", "{{1,2},{3,4}}"),
    ([], "_text", "{}"),
    (np.array([1.5, 2]), "vector", "[1.5,2]"),
    (Vector(), "vector", "[1,2,3]"),
    (np.array([[1.5], [2]]), "_float8", "{{1.5},{2}}"),
    ([np.array([1.5]), None], "_vector", '{[1.5],NULL}'),
    (np.array([1, 2]), "_int4", "{1,2}"),
    (np.float32(1.5), "float4", "1.5"),
])  # fmt: skip
def test_python_objects_have_a_type(value, name, text):
    kind, array = from_python(value)
    assert kind.name == name
    assert kind.text.encode(array, OutputFormat())[0].as_py() == (None if text is None else text.encode())


@pytest.mark.parametrize("value", [object(), [1, "a"]])
def test_objects_without_a_type_are_refused(value):
    with pytest.raises(SqlError, match=r"cannot adapt|different types"):
        from_python(value)


@pytest.mark.parametrize(("name", "text", "value"), [
    ("timestamptz", "infinity", "infinity"),
    ("date", "0044-01-01 BC", "0044-01-01 (BC)"),
    ("timestamp", "0044-01-01 10:00:00 BC", "0044-01-01 (BC) 10:00:00"),
    ("timestamptz", "2024-01-02 03:04:05+02", datetime.datetime(2024, 1, 2, 1, 4, 5, tzinfo=datetime.UTC)),
    ("interval", "1 mon -1 day", "1 months -1 days 0 microseconds"),
    ("timetz", "12:00+02", "12:00:00+02"),
    ("time", "24:00", "24:00:00"),
    ("numeric", "1.50", decimal.Decimal("1.50")),
    ("_int4", "{{1,2},{3,4}}", [[1, 2], [3, 4]]),
    ("_vector", '{"[1,2]"}', [[1.0, 2.0]]),
    ("jsonb", '{"a":1}', '{"a": 1}'),
    ("oid", "5", 5),
])  # fmt: skip
def test_single_values_become_what_duckdb_takes(name, text, value):
    kind = type_by_name(name)
    assert to_python(kind, kind.text.decode([text.encode()])) == value


def test_arrays_of_several_dimensions_are_lists_of_lists_in_duckdb():
    kind = type_by_name("_int4")
    assert duckdb_type(kind, kind.text.decode([b"{{1}}"])) == "INTEGER[][]"
    assert duckdb_type(kind, kind.text.decode([b"{1}"])) == "INTEGER[]"
    vectors = type_by_name("_vector")
    assert duckdb_type(vectors, vectors.text.decode([b'{"[1]"}'])) == "FLOAT[][]"
