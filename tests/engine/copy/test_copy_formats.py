"""COPY formats without a server: blocks, faults across blocks, round trips of every format."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_by_name
from sqlvec.engine.copy import make_reader, make_writer
from sqlvec.engine.copy.blocks import ROWS_PER_BLOCK
from sqlvec.planner.statements import CopyOptions

NAMES = ("int4", "text", "_text", "jsonb", "timestamptz", "vector")
COLUMNS = [(name, type_by_name(name)) for name in NAMES]


def table(rows: int) -> pa.Table:
    texts = [
        [None if row % 7 == 3 else str(row).encode() for row in range(rows)],
        [None if row % 5 == 1 else f'a\t"{row}", \\N\n'.encode() for row in range(rows)],
        [f'{{a,"b {row}",NULL}}'.encode() for row in range(rows)],
        [f'{{"a": [{row}, null]}}'.encode() for row in range(rows)],
        [f"2024-01-02 03:04:05.{row:06}+00".encode() for row in range(rows)],
        [None if row % 11 == 5 else f"[{row},1.5,-0.25]".encode() for row in range(rows)],
    ]
    arrays = [kind.text.decode(values) for (_, kind), values in zip(COLUMNS, texts, strict=True)]
    return pa.table(dict(zip(NAMES, arrays, strict=True)))


@pytest.mark.parametrize("copy_format", ["text", "csv", "binary"])
def test_rows_survive_writing_and_reading(copy_format):
    options = CopyOptions(format=copy_format)
    rows = table(ROWS_PER_BLOCK + 17)
    writer = make_writer(options, COLUMNS, OutputFormat())
    data = b"".join([writer.header(), *writer.encode(rows), writer.trailer()])
    reader = make_reader(options, COLUMNS, "t")
    batches = [
        batch for start in range(0, len(data), 999) for batch in reader.feed(data[start : start + 999])
    ]
    batches += reader.finish()
    assert pa.Table.from_batches(batches).equals(rows)
    assert max(batch.num_rows for batch in batches) <= ROWS_PER_BLOCK


def test_every_piece_written_is_one_row():
    for copy_format in ("text", "csv", "binary"):
        writer = make_writer(CopyOptions(format=copy_format), COLUMNS, OutputFormat())
        assert len(list(writer.encode(table(5)))) == 5


def test_the_first_fault_by_line_is_the_one_reported():
    columns = [("a", type_by_name("int4")), ("b", type_by_name("date"))]
    lines = [b"%d\t2024-01-02\n" % row for row in range(9000)]
    lines[5000] = b"1\tnever\n"
    lines[7000] = b"x\t2024-01-02\n"
    reader = make_reader(CopyOptions(), columns, "t")
    reader.feed(b"".join(lines))
    with pytest.raises(SqlError) as caught:
        reader.finish()
    assert caught.value.sqlstate == "22007"
    assert caught.value.where == 'COPY t, line 5001, column b: "never"'


def test_no_data_makes_no_batches():
    reader = make_reader(CopyOptions(), COLUMNS, "t")
    assert reader.finish() == []
