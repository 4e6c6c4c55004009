"""COPY formats, without I/O: pieces of data to Arrow batches, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa

from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.pg_type import PgType
from sqlvec.planner.statements import CopyOptions

from .binary import BinaryReader, BinaryWriter
from .csv import CsvReader, CsvWriter
from .format import resolve
from .text import TextReader, TextWriter

__all__ = ["CopyReader", "CopyWriter", "make_reader", "make_writer"]


class CopyReader(Protocol):
    """Takes the data of COPY FROM; errors have PostgreSQL's context in `where`."""

    def feed(self, piece: bytes) -> list[pa.RecordBatch]:
        """Take a piece, cut anywhere; the batches that became complete, with a carrier per column."""

    def finish(self) -> list[pa.RecordBatch]:
        """The last batches, after the client said the data is complete."""


class CopyWriter(Protocol):
    """Makes the data of COPY TO."""

    def header(self) -> bytes:
        """What comes before the rows; perhaps nothing."""

    def encode(self, batch: pa.RecordBatch | pa.Table) -> Iterator[bytes]:
        """Rows of a batch, one in each piece: clients such as psycopg take one CopyData for one row."""

    def trailer(self) -> bytes:
        """What comes after the rows; perhaps nothing."""


_READERS: dict[str, type[TextReader | CsvReader | BinaryReader]] = {
    "text": TextReader,
    "csv": CsvReader,
    "binary": BinaryReader,
}
_WRITERS: dict[str, type[TextWriter | CsvWriter | BinaryWriter]] = {
    "text": TextWriter,
    "csv": CsvWriter,
    "binary": BinaryWriter,
}


def make_reader(options: CopyOptions, columns: Sequence[tuple[str, PgType]], table: str) -> CopyReader:
    """A reader for COPY table (columns) FROM."""
    copy_format = resolve(options, [name for name, _ in columns], table, "from")
    reader = _READERS[options.format]
    return reader(copy_format, columns, table)


def make_writer(
    options: CopyOptions, columns: Sequence[tuple[str, PgType]], output_format: OutputFormat, table: str = ""
) -> CopyWriter:
    """A writer for COPY TO; `table` is empty where a query is copied."""
    copy_format = resolve(options, [name for name, _ in columns], table, "to")
    writer = _WRITERS[options.format]
    return writer(copy_format, columns, output_format)
