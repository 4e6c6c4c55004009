from __future__ import annotations

import struct
from collections.abc import Sequence

import pyarrow as pa
import pytest

from sqlvec.core.outcome import ResultColumn
from sqlvec.core.types.integer import INT4
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.text import TEXT
from sqlvec.wire.rows import BLOCK_SIZE, FEW_ROWS, encode_rows, expand_formats

COLUMNS = (ResultColumn("n", INT4), ResultColumn("t", TEXT))


def batch(numbers: Sequence[int | None], texts: Sequence[str | None]) -> pa.RecordBatch:
    arrays = [pa.array(numbers, INT4.arrow), pa.array(texts, TEXT.arrow)]
    return pa.RecordBatch.from_arrays(arrays, names=["n", "t"])


def encoded(rows: pa.RecordBatch, formats: tuple[int, ...] = (0, 0)) -> list[bytes]:
    return list(encode_rows(rows, COLUMNS, formats, OutputFormat()))


def by_hand(numbers: Sequence[int | None], texts: Sequence[str | None], binary: bool) -> bytes:
    messages = []
    for number, text in zip(numbers, texts, strict=True):
        body = struct.pack("!H", 2)
        packed = None if number is None else struct.pack("!i", number) if binary else str(number).encode()
        for value in (packed, None if text is None else text.encode()):
            body += struct.pack("!i", -1) if value is None else struct.pack("!I", len(value)) + value
        messages.append(b"D" + struct.pack("!I", len(body) + 4) + body)
    return b"".join(messages)


@pytest.mark.parametrize("count", [0, 1, FEW_ROWS - 1, FEW_ROWS, FEW_ROWS + 1, 5000])
@pytest.mark.parametrize("binary", [False, True])
def test_rows_have_the_manuals_bytes_however_many(count: int, binary: bool) -> None:
    numbers = [None if number % 7 == 3 else number - 5 for number in range(count)]
    texts = [None if number % 5 == 2 else "ä" * (number % 11) for number in range(count)]
    blocks = encoded(batch(numbers, texts), (int(binary), 0))
    assert b"".join(blocks) == by_hand(numbers, texts, binary)


@pytest.mark.parametrize("count", [3, 100])
def test_a_slice_sends_its_own_rows_only(count: int) -> None:
    numbers, texts = list(range(1000)), [str(number) for number in range(1000)]
    rows = batch(numbers, texts).slice(500, count)
    sent = by_hand(numbers[500 : 500 + count], texts[500 : 500 + count], False)
    assert b"".join(encoded(rows)) == sent


def test_a_column_of_nulls_only() -> None:
    blocks = encoded(batch([None] * 100, [None] * 100))
    assert b"".join(blocks) == by_hand([None] * 100, [None] * 100, False)


def test_large_batches_leave_in_bounded_blocks() -> None:
    texts = ["x" * 1000] * 5000
    blocks = encoded(batch([1] * 5000, texts))
    assert len(blocks) > 10
    assert max(map(len, blocks)) < 2 * BLOCK_SIZE
    assert b"".join(blocks) == by_hand([1] * 5000, texts, False)


def test_few_but_wide_rows_leave_one_by_one() -> None:
    blocks = encoded(batch([1] * 4, ["x" * BLOCK_SIZE] * 4))
    assert [len(block) for block in blocks] == [BLOCK_SIZE + 7 + 4 + 1 + 4] * 4


@pytest.mark.parametrize("count", [2, 200])
def test_rows_without_columns_are_still_rows(count: int) -> None:
    rows = pa.RecordBatch.from_struct_array(pa.array([{}] * count, pa.struct([])))
    assert list(encode_rows(rows, (), (), OutputFormat())) == [b"D\0\0\0\6\0\0" * count]


def test_formats_expand_as_bind_says() -> None:
    assert expand_formats((), 3) == (0, 0, 0)
    assert expand_formats((1,), 3) == (1, 1, 1)
    assert expand_formats((0, 1, 0), 3) == (0, 1, 0)
    assert expand_formats((1,), 0) == ()
