"""COPY's text format: fields between delimiters, with backslashes before what would not be data."""

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

_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.)|\Z)", re.DOTALL)
_OPEN = re.compile(rb"(?<!\\)(?:\\\\)*\\\Z")  # an odd number of backslashes
_MARKER = re.compile(rb"(?<!\\)(?:\\\\)*\\\.")
_TO_ESCAPE = ("\\", "\b", "\f", "\n", "\r", "\t", "\v")


class TextReader(RowReader):
    """Reads COPY's text format."""

    def __init__(self, copy_format: CopyFormat, columns: Sequence[Column], table: str) -> None:
        super().__init__(copy_format, columns, table, LineSplitter(table, _is_open, b"\\", is_csv=False))
        delimiter = re.escape(copy_format.delimiter)
        self._field = re.compile(rb"(?:[^\\" + delimiter + rb"]|\\.)*", re.DOTALL)
        self._is_ended = False

    def until_end(self, records: list[bytes]) -> list[bytes]:
        """The records before the marker; PostgreSQL ignores what follows it."""
        if self._is_ended:
            return []
        for place, record in enumerate(records if self.lines.may_have_marker else ()):
            if b"\\." in record and _MARKER.search(record):
                if record != b"\\." or (self.lines.is_cut_short and record is records[-1]):
                    self.lines.fail(
                        "end-of-copy marker is not alone on its line", self.lines.line + place + 1
                    )
                self._is_ended = True
                return records[:place]
        return records

    def fields(self, record: bytes) -> Row:
        """The values of one line."""
        null, delimiter = self.format.null, self.format.delimiter
        if b"\\" not in record:
            pieces = record.split(delimiter)
            return [None if piece == null else piece for piece in pieces] if null in pieces else pieces
        if b"\\" + delimiter in record:
            pieces = _split_escaped(record, self._field)
        else:
            pieces = record.split(delimiter)
        # The null string is looked for before backslashes are taken away: \N is such a string.
        return [None if x == null else _unescape(x) if b"\\" in x else x for x in pieces]


def _is_open(text: bytes, was_open: bool) -> bool:  # noqa: FBT001 - lines.IsOpen
    return text.endswith(b"\\") and _OPEN.search(text) is not None


def _split_escaped(record: bytes, field: re.Pattern[bytes]) -> list[bytes]:
    pieces: list[bytes] = []
    place = 0
    while True:
        match = field.match(record, place)
        assert match is not None
        end = match.end() if match.end() < len(record) and record[match.end()] != 92 else len(record)
        pieces.append(record[place:end])
        if end == len(record):
            return pieces
        place = end + 1


def _unescape(field: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, field)


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return bytes((int(match[1], 16),))
    if match[2] is not None:
        return bytes((int(match[2], 8) & 0xFF,))
    # The last byte of all may be a backslash, with nothing behind it to protect.
    return b"" if match[3] is None else _LETTERS.get(match[3], match[3])


class TextWriter:
    """Writes COPY's text format, a line per row."""

    def __init__(
        self, copy_format: CopyFormat, columns: Sequence[Column], output_format: OutputFormat
    ) -> None:
        self._format = copy_format
        self._columns = columns
        self._output_format = output_format
        self._to_escape = (*_TO_ESCAPE, copy_format.delimiter.decode())
        self._needs_escape = "[" + "".join(f"\\x{ord(x):02x}" for x in self._to_escape) + "]"

    def header(self) -> bytes:
        """The line of column names, where HEADER asks for one."""
        if not self._format.header:
            return b""
        names = pa.array([name for name, _ in self._columns], pa.large_binary())
        return self._format.delimiter.join(self._escaped(names).to_pylist()) + b"\n"

    def encode(self, batch: pa.RecordBatch | pa.Table) -> Iterator[bytes]:
        """A line for each row: clients take one CopyData for one row."""
        if not self._columns:
            yield from [b"\n"] * batch.num_rows
            return
        parts: list[pa.LargeBinaryArray | bytes] = []
        for (_, kind), column in zip(self._columns, batch.columns, strict=True):
            texts = kind.text.encode(to_carrier(column, kind), self._output_format)
            parts += [self._escaped(texts).fill_null(self._format.null), self._format.delimiter]
        parts[-1] = b"\n"
        yield from join_octets(*parts).to_pylist()

    def trailer(self) -> bytes:
        """Nothing: the protocol itself tells the end."""
        return b""

    def _escaped(self, texts: pa.LargeBinaryArray) -> pa.LargeBinaryArray:
        strings = texts.cast(pa.large_string())
        if not pc.any(pc.match_substring_regex(strings, self._needs_escape)).as_py():
            return texts
        for character in self._to_escape:
            letter = {v.decode(): k.decode() for k, v in _LETTERS.items()}.get(character, character)
            strings = pc.replace_substring(strings, character, "\\" + letter)
        return strings.cast(pa.large_binary())
