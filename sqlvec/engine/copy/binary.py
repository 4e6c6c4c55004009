"""COPY's binary format: a signature, then rows of values behind their lengths."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import pyarrow as pa

from sqlvec.core.errors import BadCopyFileFormat, SqlError
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.pg_type import WireValue
from sqlvec.core.types.wire_column import join_octets, length_prefixed

from .blocks import ROWS_PER_BLOCK, BlockDecoder, Column, RowBlock, at_line
from .format import CopyFormat

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
BYTES_PER_BLOCK = 4 << 20
_HEADER = struct.Struct(">II")  # flags, length of an extension that nobody has defined
_WITH_OIDS = 1 << 16
_CRITICAL = 0xFFFF0000
_COUNT = struct.Struct(">h")
_LENGTH = struct.Struct(">i")
_END = -1


class BinaryReader:
    """Reads COPY's binary format."""

    def __init__(self, copy_format: CopyFormat, columns: Sequence[Column], table: str) -> None:
        self._table = table
        self._names = [name for name, _ in columns]
        self._decoder = BlockDecoder(columns, table, binary=True)
        self._pieces: list[bytes] = []
        self._size = 0
        self._rest = b""
        self._header_is_due = True
        self._is_ended = False
        self._line = 0
        self._cut_short_in = 0  # the column in which the data so far ends

    def feed(self, piece: bytes) -> list[pa.RecordBatch]:
        """Take a piece of data; the batches that became complete."""
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        return self._batches(final=False) if self._size >= BYTES_PER_BLOCK else []

    def finish(self) -> list[pa.RecordBatch]:
        """The batches of what is left. A missing end marker is no error, as in PostgreSQL."""
        return self._batches(final=True)

    def _batches(self, *, final: bool) -> list[pa.RecordBatch]:
        octets, self._pieces, self._size = b"".join((self._rest, *self._pieces)), [], 0
        place = 0
        if self._header_is_due:
            header_end = self._take_header(octets, final=final)
            if header_end is None:
                self._rest = octets
                return []
            place = header_end
        rows, place = self._rows(octets, place)
        self._rest = octets[place:]
        if final and len(self._rest) >= _COUNT.size and not self._is_ended:
            self._fail_cut_short()
        batches = []
        for start in range(0, len(rows), ROWS_PER_BLOCK):
            part = rows[start : start + ROWS_PER_BLOCK]
            first = self._line - len(rows) + start + 1
            block = RowBlock(list(zip(*part, strict=True)), range(first, first + len(part)))
            batches.append(self._decoder.decode(block))
        return batches

    def _take_header(self, octets: bytes, *, final: bool) -> int | None:
        start = len(SIGNATURE)
        if octets[:start] != SIGNATURE[: len(octets)] or (final and len(octets) < start):
            raise BadCopyFileFormat("COPY file signature not recognized")
        if len(octets) < start + _HEADER.size:
            if final:
                raise BadCopyFileFormat("invalid COPY file header (missing flags)")
            return None
        flags, extension = _HEADER.unpack_from(octets, start)
        if flags & _WITH_OIDS:
            raise BadCopyFileFormat("invalid COPY file header (WITH OIDS)")
        if flags & _CRITICAL:
            raise BadCopyFileFormat("unrecognized critical flags in COPY file header")
        end: int = start + _HEADER.size + extension
        if len(octets) < end:
            if final:
                raise BadCopyFileFormat("invalid COPY file header (wrong length)")
            return None
        self._header_is_due = False
        return end

    def _rows(self, octets: bytes, place: int) -> tuple[list[list[WireValue]], int]:
        """Complete rows, and where the next one starts. A loop: each value tells where the next begins."""
        rows: list[list[WireValue]] = []
        expected, size = len(self._names), len(octets)
        unpack = _LENGTH.unpack_from
        while place + 2 <= size and not self._is_ended:
            (count,) = _COUNT.unpack_from(octets, place)
            if count == _END:
                self._is_ended = True
                place += 2
                break
            if count != expected:
                self._fail(f"row field count is {count}, expected {expected}")
            at = place + 2
            row: list[WireValue] = []
            while len(row) < expected and at + 4 <= size:
                (length,) = unpack(octets, at)
                if length < 0:
                    if length != -1:
                        self._fail("invalid field size", len(row))
                    row.append(None)
                    at += 4
                elif at + 4 + length > size:
                    break
                else:
                    row.append(octets[at + 4 : at + 4 + length])
                    at += 4 + length
            if len(row) < expected:
                self._cut_short_in = len(row)
                return rows, place
            rows.append(row)
            self._line += 1
            place = at
        if self._is_ended and place < size:
            self._fail("received copy data after EOF marker")
        return rows, place

    def _fail_cut_short(self) -> None:
        self._fail("unexpected EOF in COPY data", self._cut_short_in)

    def _fail(self, message: str, column: int | None = None) -> None:
        error: SqlError = at_line(BadCopyFileFormat(message), self._table, self._line + 1)
        if column is not None:
            error.where = f"{error.where}, column {self._names[column]}"
        raise error


class BinaryWriter:
    """Writes COPY's binary format."""

    def __init__(
        self, copy_format: CopyFormat, columns: Sequence[Column], output_format: OutputFormat
    ) -> None:
        self._columns = columns
        self._output_format = output_format

    def header(self) -> bytes:
        """The signature, no flags, no extension."""
        return SIGNATURE + _HEADER.pack(0, 0)

    def encode(self, batch: pa.RecordBatch | pa.Table) -> Iterator[bytes]:
        """A tuple for each row: clients take one CopyData for one row."""
        head = _COUNT.pack(len(self._columns))
        if not self._columns:
            yield from [head] * batch.num_rows
            return
        parts: list[pa.LargeBinaryArray | bytes] = [head]
        for (_, kind), column in zip(self._columns, batch.columns, strict=True):
            octets = kind.binary.encode(to_carrier(column, kind), self._output_format)
            parts.append(length_prefixed(octets))
        yield from join_octets(*parts).to_pylist()

    def trailer(self) -> bytes:
        """The end marker."""
        return _COUNT.pack(_END)
