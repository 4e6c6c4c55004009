"""Lines: the text that comes in by COPY, cut into records whatever the pieces it came in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from sqlvec.core.errors import BadCopyFileFormat

from .blocks import at_line

_NEWLINE = re.compile(rb"\r\n|\r|\n")
_NAMES = {b"\n": "newline", b"\r": "carriage return"}

# Whether a line end after this text is data: an open quote, a backslash. Given too is whether the text
# before this one was open.
IsOpen = Callable[[bytes, bool], bool]


class LineSplitter:
    """Cuts text into records at line ends that are not data.

    The first line end decides what all others must be, as in PostgreSQL.
    """

    def __init__(self, table: str, is_open: IsOpen, mark: bytes, *, is_csv: bool) -> None:
        self.line = 0  # where the record last counted ends
        self.may_have_marker = False  # whether the text of the last records has \. anywhere
        self.is_cut_short = False  # whether the last record had no line end
        self._table = table
        self._is_open = is_open
        self._mark = mark  # a record without it cannot be open
        self._is_csv = is_csv
        self._end: bytes | None = None
        self._is_first = True
        self._rest = b""

    def split(self, text: bytes, *, final: bool) -> list[bytes]:
        """The records complete so far, without their line ends; `final` gives the last one too."""
        text = self._rest + text
        self.may_have_marker = b"\\." in text
        if self._end is None and not self._find_end(text, final=final):
            self._rest = b"" if final else text
            self.is_cut_short = True
            return [text] if final and text else []
        assert self._end is not None
        self.is_cut_short = final and not text.endswith(self._end)
        records = text.split(self._end)
        if self._mark in text:
            records = self._joined(records)
        self._rest = b"" if final else records.pop()
        if final and not records[-1]:
            records.pop()
        other = b"\r" if self._end == b"\n" else b"\n"
        if other in text or (self._end == b"\r\n" and text.count(b"\r") != text.count(b"\r\n")):
            self._check_ends(records)
        return records

    def count(self, record: bytes) -> None:
        """Go on to the line where this record ends."""
        self.line += 1
        if self._is_csv and self._mark in record:
            # PostgreSQL does not know the kind of line end within the first record, and then counts \r.
            is_newline = self._end == b"\n" and not self._is_first
            self.line += record.count(b"\n" if is_newline else b"\r")
        self._is_first = False

    def fail(self, message: str, line: int, hint: str | None = None) -> NoReturn:
        """22P04 at a line."""
        raise at_line(BadCopyFileFormat(message, hint=hint), self._table, line)

    def _find_end(self, text: bytes, *, final: bool) -> bool:
        for match in _NEWLINE.finditer(text):
            if match[0] == b"\r" and match.end() == len(text) and not final:
                return False  # perhaps the first half of \r\n
            if not self._is_open(text[: match.start()], False):
                self._end = match[0]
                return True
        return False

    def _joined(self, pieces: list[bytes]) -> list[bytes]:
        """Pieces put together again where the end between them was data."""
        assert self._end is not None
        records: list[bytes] = []
        open_pieces: list[bytes] = []
        is_open = False
        for piece in pieces:
            if self._mark not in piece and not open_pieces:
                records.append(piece)
                continue
            open_pieces.append(piece)
            is_open = self._is_open(piece, is_open)
            if not is_open:
                records.append(self._end.join(open_pieces))
                open_pieces = []
        if open_pieces:
            records.append(self._end.join(open_pieces))
        return records

    def _check_ends(self, records: list[bytes]) -> None:
        line = self.line
        for record in records:
            line += 1
            for match in re.finditer(rb"[\r\n]", record):
                if not self._is_open(record[: match.start()], False):
                    self._fail_end(_NAMES[match[0]], line)
            if self._is_csv:
                line += record.count(self._end or b"\n")

    def _fail_end(self, name: str, line: int) -> NoReturn:
        if self._is_csv:
            self.fail(f"unquoted {name} found in data", line, f"Use quoted CSV field to represent {name}.")
        escape = "\\n" if name == "newline" else "\\r"
        self.fail(f"literal {name} found in data", line, f'Use "{escape}" to represent {name}.')
