"""COPY's CSV format: fields that may stand in quotes, where a quoted field is never null."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.wire_column import join_octets

from .blocks import Column
from .format import CopyFormat
from .lines import LineSplitter
from .row_reader import Row, RowReader

Field = tuple[bytes, bool]  # and whether it had quotes


class CsvReader(RowReader):
    """Reads COPY's CSV format."""

    def __init__(self, copy_format: CopyFormat, columns: Sequence[Column], table: str) -> None:
        self._quote, self._escape = copy_format.quote, copy_format.escape
        quote, escape = re.escape(self._quote), re.escape(self._escape)
        self._quotes = re.compile(escape + b"[" + quote + escape + b"]|" + quote)
        self._has_forces = bool(copy_format.force_null or copy_format.force_not_null)
        is_open = self._is_odd if self._quote == self._escape else self._is_open
        super().__init__(copy_format, columns, table, LineSplitter(table, is_open, self._quote, is_csv=True))

    def fields(self, record: bytes) -> Row:
        """The values of one record."""
        null, delimiter = self.format.null, self.format.delimiter
        if self._quote not in record:
            pieces = record.split(delimiter)
            if self._has_forces:
                return self._forced([(piece, False) for piece in pieces])
            return [None if piece == null else piece for piece in pieces] if null in pieces else pieces
        fields = self._doubled(record) if self._quote == self._escape else self._escaped(record)
        if self._has_forces:
            return self._forced(fields)
        return [None if not quoted and value == null else value for value, quoted in fields]

    def _forced(self, fields: list[Field]) -> Row:
        values: list[bytes | None] = []
        for place, (value, quoted) in enumerate(fields):
            is_null = value == self.format.null and not quoted and place not in self.format.force_not_null
            is_null = is_null or (value == self.format.null and quoted and place in self.format.force_null)
            values.append(None if is_null else value)
        return values

    def _doubled(self, record: bytes) -> list[Field]:
        """Fields where a quote within quotes is doubled: every other stretch between quotes is within."""
        stretches = record.split(self._quote)
        if len(stretches) % 2 == 0:
            self.fail("unterminated CSV quoted field", record)
        delimiter, last = self.format.delimiter, len(stretches) - 1
        fields: list[Field] = []
        value, quoted = b"", False
        for place, stretch in enumerate(stretches):
            if place % 2:
                value, quoted = value + stretch, True
            elif not stretch:
                if 0 < place < last:
                    value += self._quote
            elif delimiter in stretch:
                head, *middle, tail = stretch.split(delimiter)
                fields.append((value + head, quoted))
                fields += [(piece, False) for piece in middle]
                value, quoted = tail, False
            else:
                value += stretch
        fields.append((value, quoted))
        return fields

    def _escaped(self, record: bytes) -> list[Field]:
        """Fields where an escape character stands before a quote within quotes."""
        fields: list[Field] = []
        value, quoted, inside = b"", False, False
        place = 0
        while place < len(record):
            character = record[place : place + 1]
            place += 1
            if (
                inside
                and character == self._escape
                and record[place : place + 1] in (self._quote, self._escape)
            ):
                value += record[place : place + 1]
                place += 1
            elif character == self._quote:
                inside, quoted = not inside, True
            elif character == self.format.delimiter and not inside:
                fields.append((value, quoted))
                value, quoted = b"", False
            else:
                value += character
        if inside:
            self.fail("unterminated CSV quoted field", record)
        return [*fields, (value, quoted)]

    def _is_odd(self, text: bytes, was_open: bool) -> bool:  # noqa: FBT001 - lines.IsOpen
        return was_open != (text.count(self._quote) % 2 == 1)

    def _is_open(self, text: bytes, was_open: bool) -> bool:  # noqa: FBT001 - lines.IsOpen
        place = 0
        while (match := self._quotes.search(text, place)) is not None:
            is_escape = len(match[0]) == 2
            if is_escape and not was_open:  # outside quotes it is a character like any other
                place = match.start() + 1
                continue
            was_open = was_open if is_escape else not was_open
            place = match.end()
        return was_open


class CsvWriter:
    """Writes COPY's CSV format, a record per row."""

    def __init__(
        self, copy_format: CopyFormat, columns: Sequence[Column], output_format: OutputFormat
    ) -> None:
        self._format = copy_format
        self._columns = columns
        self._output_format = output_format
        special = copy_format.delimiter + copy_format.quote + b"\r\n"
        self._needs_quotes = "[" + "".join(f"\\x{octet:02x}" for octet in special) + "]"

    def header(self) -> bytes:
        """The record of column names, where HEADER asks for one."""
        if not self._format.header:
            return b""
        names = pa.array([name for name, _ in self._columns], pa.large_binary())
        return self._format.delimiter.join(self._quoted(names, forced=False).to_pylist()) + b"\n"

    def encode(self, batch: pa.RecordBatch | pa.Table) -> Iterator[bytes]:
        """A record for each row: clients take one CopyData for one row."""
        if not self._columns:
            yield from [b"\n"] * batch.num_rows
            return
        parts: list[pa.LargeBinaryArray | bytes] = []
        for place, ((_, kind), column) in enumerate(zip(self._columns, batch.columns, strict=True)):
            texts = kind.text.encode(to_carrier(column, kind), self._output_format)
            quoted = self._quoted(texts, forced=place in self._format.force_quote)
            parts += [quoted.fill_null(self._format.null), self._format.delimiter]
        parts[-1] = b"\n"
        yield from join_octets(*parts).to_pylist()

    def trailer(self) -> bytes:
        """Nothing: the protocol itself tells the end."""
        return b""

    def _quoted(self, texts: pa.LargeBinaryArray, *, forced: bool) -> pa.LargeBinaryArray:
        strings = texts.cast(pa.large_string())
        needed = pc.or_(
            pc.match_substring_regex(strings, self._needs_quotes),
            pc.equal(strings, self._format.null.decode()),
        )
        if len(self._columns) == 1:  # alone on a line it would end the data
            needed = pc.or_(needed, pc.equal(strings, "\\."))
        if not forced and not pc.any(needed).as_py():
            return texts
        quote, escape = self._format.quote.decode(), self._format.escape.decode()
        escaped = strings
        if escape != quote:
            escaped = pc.replace_substring(escaped, escape, escape * 2)
        escaped = pc.replace_substring(escaped, quote, escape + quote)
        quoted = join_octets(self._format.quote, escaped, self._format.quote)
        return quoted if forced else pc.if_else(needed, quoted, texts)
