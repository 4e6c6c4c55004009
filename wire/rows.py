"""Rows: record batches to DataRow messages, by column, in the format of each column.

Two ways, measured (six short columns, 2 cores): a Python loop takes 1 us a row, Arrow's join 60 us and
then 0.2 us a row. They meet at 64 rows. A layout in numpy (one index per byte) was slower than the
join at every size, fifteen times slower for wide rows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import ProgramLimitExceeded
from sqlvec.core.outcome import ResultColumn
from sqlvec.core.types.output_format import OutputFormat

WireColumn: TypeAlias = Any  # pa.LargeBinaryArray; its stubs know neither buffers nor the join well
Int64s: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]

FEW_ROWS = 64  # below, the loop is faster
BLOCK_SIZE = 256 * 1024  # bytes of Arrow data laid out at a time: what a slow client can pin
GREATEST_ROW = 2**30 - 2  # PostgreSQL's MaxAllocSize; a message's length has 31 bits

_HEAD = np.dtype([("letter", "u1"), ("length", ">u4"), ("count", ">u2")])
_PY_BUFFER: Any = pa.py_buffer
_BINARY_JOIN: Any = pc.binary_join_element_wise
_NOTHING = pa.scalar(b"", pa.large_binary())
_NULL = b"\xff\xff\xff\xff"  # length -1


def encode_rows(
    batch: pa.RecordBatch,
    columns: Sequence[ResultColumn],
    formats: Sequence[int],
    output_format: OutputFormat,
) -> Iterator[bytes]:
    """The batch as DataRow messages, in blocks of whole messages; `formats` has one per column."""
    for rows in _slices(batch):
        yield _encode_block(rows, columns, formats, output_format)


def expand_formats(formats: Sequence[int], count: int) -> tuple[int, ...]:
    """One format per column, from the client's none (all text), one (for all) or one each."""
    if not formats:
        return (0,) * count
    return tuple(formats) if len(formats) > 1 else (formats[0],) * count


def _slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    count = batch.num_rows
    if count < FEW_ROWS and batch.nbytes <= BLOCK_SIZE:
        if count:
            yield batch
        return
    step = max(1, count * BLOCK_SIZE // max(1, batch.nbytes))
    for start in range(0, count, step):
        yield batch.slice(start, step)


def _encode_block(
    rows: pa.RecordBatch, columns: Sequence[ResultColumn], formats: Sequence[int], output_format: OutputFormat
) -> bytes:
    values: list[WireColumn] = []
    for array, column, wire_format in zip(rows.columns, columns, formats, strict=True):
        codec = column.type.binary if wire_format else column.type.text
        values.append(codec.encode(array, output_format))
    if not values:
        return b"D\0\0\0\6\0\0" * int(rows.num_rows)
    return _loop(values) if rows.num_rows < FEW_ROWS else _join(values)


def _loop(values: list[WireColumn]) -> bytes:
    pack = struct.Struct("!i").pack
    head = struct.Struct("!BIH").pack
    messages: list[bytes] = []
    # Row by row on purpose: for few rows this beats the fixed costs of Arrow.
    for row in zip(*[column.to_pylist() for column in values], strict=True):
        pieces: list[bytes] = []
        for value in row:
            if value is None:
                pieces.append(_NULL)
            else:
                pieces.append(pack(len(value)))
                pieces.append(value)
        body = b"".join(pieces)
        if len(body) > GREATEST_ROW - 6:
            raise _too_long(len(body))
        messages.append(head(0x44, len(body) + 6, len(values)))
        messages.append(body)
    return b"".join(messages)


def _join(values: list[WireColumn]) -> bytes:
    """Head, length, value, length, value ... of each row, joined by Arrow: one copy per value."""
    count = len(values[0])
    totals: Int64s = np.full(count, 6 + 4 * len(values), np.int64)
    pieces: list[WireColumn] = []
    for column in values:
        lengths = _lengths(column)
        if column.null_count:
            is_null = column.is_null().to_numpy(zero_copy_only=False)
            totals += np.where(is_null, 0, lengths)
            lengths = np.where(is_null, -1, lengths)
            column = column.fill_null(b"")
        else:
            totals += lengths
        pieces.append(_fixed(lengths.astype(">i4"), 4))
        pieces.append(column)
    longest = int(totals.max())
    if longest > GREATEST_ROW:
        raise _too_long(longest)
    heads = np.empty(count, _HEAD)
    heads["letter"], heads["length"], heads["count"] = 0x44, totals, len(values)
    joined: WireColumn = _BINARY_JOIN(_fixed(heads, _HEAD.itemsize), *pieces, _NOTHING)
    chunks = joined.chunks if isinstance(joined, pa.ChunkedArray) else [joined]
    return b"".join([_bytes_of(chunk) for chunk in chunks])


def _offsets(column: WireColumn) -> Int64s:
    offsets: Int64s = np.frombuffer(column.buffers()[1], np.int64, len(column) + 1, column.offset * 8)
    return offsets


def _lengths(column: WireColumn) -> Int64s:
    lengths: Int64s = np.diff(_offsets(column))
    return lengths


def _fixed(items: np.ndarray[Any, Any], width: int) -> WireColumn:
    """Items of equal width as an Arrow column, without a copy."""
    offsets = np.arange(len(items) + 1, dtype=np.int64) * width
    buffers: list[Any] = [None, _PY_BUFFER(offsets), _PY_BUFFER(items)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(items), buffers)


def _bytes_of(column: WireColumn) -> bytes:
    offsets = _offsets(column)
    return bytes(memoryview(column.buffers()[2])[int(offsets[0]) : int(offsets[-1])])


def _too_long(length: int) -> ProgramLimitExceeded:
    return ProgramLimitExceeded(f"row is too long to be sent: {length} bytes")
