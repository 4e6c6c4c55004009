"""Row readers: what COPY's text and CSV formats share on the way in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NoReturn

import pyarrow as pa

from sqlvec.core.errors import BadCopyFileFormat
from sqlvec.core.types.pg_type import WireValue

from .blocks import ROWS_PER_BLOCK, BlockDecoder, Column, RowBlock, at_line
from .format import CopyFormat
from .lines import LineSplitter

BYTES_PER_BLOCK = 8 << 20  # enough rows to decode at once, also where vectors make them long

Row = Sequence[WireValue]


class RowReader(ABC):
    """Reads lines of fields: pieces of any size in, record batches out."""

    def __init__(
        self, copy_format: CopyFormat, columns: Sequence[Column], table: str, lines: LineSplitter
    ) -> None:
        self.format = copy_format
        self.table = table
        self.names = [name for name, _ in columns]
        self.lines = lines
        self._decoder = BlockDecoder(columns, table)
        self._pieces: list[bytes] = []
        self._size = 0
        self._header_is_due = bool(copy_format.header)

    def feed(self, piece: bytes) -> list[pa.RecordBatch]:
        """Take a piece of data; the batches that became complete."""
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        return self._batches(final=False) if self._size >= BYTES_PER_BLOCK else []

    def finish(self) -> list[pa.RecordBatch]:
        """The batches of what is left."""
        return self._batches(final=True)

    @abstractmethod
    def fields(self, record: bytes) -> Row:
        """The values of one record."""

    def until_end(self, records: list[bytes]) -> list[bytes]:
        """The records before the one that ends the data."""
        return records

    def _batches(self, *, final: bool) -> list[pa.RecordBatch]:
        text, self._pieces, self._size = b"".join(self._pieces), [], 0
        records = self.until_end(self.lines.split(text, final=final))
        if self._header_is_due and records:
            self._take_header(records.pop(0))
        return [self._decoder.decode(block) for block in self._blocks(records)]

    def _take_header(self, record: bytes) -> None:
        self._header_is_due = False
        self.lines.count(record)
        if self.format.header != "match":
            return
        fields = self.fields(record)
        if len(fields) != len(self.names):
            expected = f"got {len(fields)}, expected {len(self.names)}"
            self.fail(f"wrong number of fields in header line: {expected}", record)
        for place, (field, name) in enumerate(zip(fields, self.names, strict=True), 1):
            if field is None or bytes(field) != name.encode():
                got = f'null value ("{self.format.null.decode()}")' if field is None else f'"{_text(field)}"'
                self.fail(
                    f'column name mismatch in header line field {place}: got {got}, expected "{name}"', record
                )

    def _blocks(self, records: list[bytes]) -> Iterator[RowBlock]:
        for start in range(0, len(records), ROWS_PER_BLOCK):
            yield self._block(records[start : start + ROWS_PER_BLOCK])

    def _block(self, records: list[bytes]) -> RowBlock:
        rows: list[Row] = []
        lines: list[int] = []
        for record in records:  # a split per record; the columns are decoded whole
            self.lines.count(record)
            row = self.fields(record)
            if len(row) != len(self.names):
                self._decoder.decode(RowBlock(list(zip(*rows, strict=True)), lines))  # faults before this one
                self._fail_count(row, record)
            rows.append(row)
            lines.append(self.lines.line)
        return RowBlock(list(zip(*rows, strict=True)), lines)

    def _fail_count(self, row: Row, record: bytes) -> NoReturn:
        if len(row) < len(self.names):
            self._decoder.check(RowBlock([[value] for value in row], [self.lines.line]))
            self.fail(f'missing data for column "{self.names[len(row)]}"', record)
        self.fail("extra data after last expected column", record)

    def fail(self, message: str, record: bytes) -> NoReturn:
        """22P04 at the present line."""
        raise at_line(BadCopyFileFormat(message), self.table, self.lines.line, record)


def _text(field: bytes | bytearray | memoryview) -> str:
    return bytes(field).decode(errors="replace")
