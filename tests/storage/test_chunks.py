"""Appending row by row leaves few chunks and every value in its place."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sqlvec.storage import chunks
from sqlvec.storage.chunks import appended


def grown(count, column, make):
    for number in range(count):
        column = appended(column, pa.chunked_array([make(number)]))
    return column


def test_a_thousand_single_rows_are_few_chunks_in_order():
    column = grown(1000, pa.chunked_array([], pa.int64()), lambda i: pa.array([i]))
    assert column.num_chunks <= 12
    assert column.to_pylist() == list(range(1000))


def test_a_long_chunk_is_not_copied_for_a_short_one():
    first = pa.array(range(10_000))
    column = grown(100, pa.chunked_array([first]), lambda i: pa.array([i]))
    assert column.chunk(0).buffers()[1].address == first.buffers()[1].address
    assert column.num_chunks <= 10


def test_many_appended_chunks_become_one():
    added = pa.chunked_array([pa.array([i]) for i in range(50)])
    assert appended(pa.chunked_array([], pa.int64()), added).num_chunks == 1


@pytest.mark.parametrize(("limit", "value"), [("MERGED_ROWS", 100), ("MERGED_BYTES", 800)])
def test_full_chunks_are_left_alone(monkeypatch, limit, value):
    monkeypatch.setattr(chunks, limit, value)
    column = grown(1000, pa.chunked_array([], pa.int64()), lambda i: pa.array([i]))
    assert max(len(chunk) for chunk in column.chunks) <= 100
    assert column.num_chunks <= 40
    assert column.to_pylist() == list(range(1000))


def test_values_are_cast_to_the_column_and_nothing_adds_nothing():
    column = pa.chunked_array([pa.array([1], pa.int64())])
    more = appended(column, pa.chunked_array([pa.array([2], pa.int32())]))
    assert more.to_pylist() == [1, 2]
    assert appended(column, pa.chunked_array([], pa.int64())).to_pylist() == [1]


def test_extension_types_merge():
    kind = pa.json_(pa.string())
    one = pa.ExtensionArray.from_storage(kind, pa.array(["{}"]))
    column = grown(10, pa.chunked_array([], kind), lambda _: one)
    assert len(column) == 10
    assert column.type == kind
