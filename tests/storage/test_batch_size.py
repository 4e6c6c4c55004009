"""How many rows DuckDB exports at a time: few of wide ones."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from sqlvec.storage.batch_size import BATCH_BYTES, BATCH_ROWS, batch_rows, row_bytes, rows_at_once


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("INTEGER", 16),
        ("VARCHAR", 16),
        ("FLOAT[3]", 12),
        ("FLOAT[16000]", 64_000),
        ("FLOAT[]", 16),
        ("FLOAT[5000][]", 20_000),
        ("STRUCT(a FLOAT[100], b INTEGER)", 416),
    ],
)
def test_the_width_of_a_type_is_what_an_array_reserves(kind, expected):
    assert row_bytes(duckdb.sqltype(kind)) == expected


def test_narrow_rows_come_in_large_batches():
    assert batch_rows([("a", duckdb.sqltype("INTEGER"))]) == BATCH_ROWS
    assert batch_rows(None) == BATCH_ROWS


def test_wide_rows_come_in_batches_of_bounded_size():
    assert batch_rows([("v", duckdb.sqltype("FLOAT[16000]"))]) == BATCH_BYTES // 64_000
    assert batch_rows([("v", duckdb.sqltype("FLOAT[100000]"))]) == BATCH_BYTES // 400_000


def test_a_table_in_memory_is_cut_by_its_bytes():
    narrow = pa.table({"a": pa.array(range(100))})
    wide = pa.table({"a": pa.array([b"x" * BATCH_BYTES] * 3)})
    assert rows_at_once(narrow) > 100
    assert rows_at_once(wide) == 1
