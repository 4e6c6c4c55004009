"""Blocks: rows of wire values that came in by COPY, made into Arrow record batches."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa

from sqlvec.core.errors import CharacterNotInRepertoire, SqlError
from sqlvec.core.types.pg_type import Decode, PgType, WireValue

ROWS_PER_BLOCK = 10_000
MAX_SHOWN = 100  # bytes of data in an error's context, PostgreSQL's MAX_COPY_DATA_DISPLAY
_WORKERS = ThreadPoolExecutor(thread_name_prefix="sqlvec-copy")  # starts no thread before the first use

Column = tuple[str, PgType]


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows not yet decoded: a sequence of values per column, and the line each row ended on."""

    columns: list[Sequence[WireValue]]
    lines: Sequence[int]


class BlockDecoder:
    """Decodes row blocks into the carriers of a table's columns."""

    def __init__(self, columns: Sequence[Column], table: str, *, binary: bool = False) -> None:
        self._names = [name for name, _ in columns]
        self._decoders: list[Decode] = [
            kind.binary.decode if binary else kind.text.decode for _, kind in columns
        ]
        self._vectors = [place for place, (_, kind) in enumerate(columns) if kind.name == "vector"]
        self._table = table
        self._is_binary = binary

    def decode(self, block: RowBlock) -> pa.RecordBatch:
        """The block as Arrow; an error names the first line and column at fault."""
        if not block.lines:
            return pa.RecordBatch.from_arrays([decode([]) for decode in self._decoders], names=self._names)
        # Vectors are most of the bytes and need no interpreter lock, so they are read beside the rest.
        beside = {
            place: _WORKERS.submit(self._decoders[place], block.columns[place]) for place in self._vectors
        }
        try:
            arrays = [
                beside[place].result() if place in beside else decode(values)
                for place, (decode, values) in enumerate(zip(self._decoders, block.columns, strict=True))
            ]
        except SqlError:
            self.check(block)
            raise
        return pa.RecordBatch.from_arrays(arrays, names=self._names)

    def check(self, block: RowBlock) -> None:
        """Raise the error of the first line and column at fault, if any; columns may be missing."""
        faults = []
        for place, (decode, values) in enumerate(zip(self._decoders, block.columns, strict=False)):
            fault = _first_fault(decode, values)
            if fault is not None:
                faults.append((fault[0], place, fault[1]))
        if not faults:
            return
        row, place, error = min(faults, key=lambda fault: fault[:2])
        if (
            isinstance(error, CharacterNotInRepertoire) and not self._is_binary
        ):  # found before the line is cut into columns
            raise at_line(error, self._table, block.lines[row])
        error.where = f"COPY {self._table}, line {block.lines[row]}, column {self._names[place]}"
        if not self._is_binary:
            error.where += f": {_shown_value(block.columns[place][row])}"
        raise error


def at_line(error: SqlError, table: str, line: int, text: bytes | None = None) -> SqlError:
    """The error with PostgreSQL's context: the line, and what stands there."""
    error.where = f"COPY {table}, line {line}"
    if text is not None:
        error.where += f": {_shown_value(text)}"
    return error


def _first_fault(decode: Decode, values: Sequence[WireValue]) -> tuple[int, SqlError] | None:
    """The first row that cannot be decoded, found by halving."""
    low, high = 0, len(values)
    error = _fault(decode, values)
    if error is None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        found = _fault(decode, values[:middle])
        if found is None:
            low = middle
        else:
            high, error = middle, found
    # One value alone words the error without what comes before it.
    return high - 1, _fault(decode, values[high - 1 : high]) or error


def _fault(decode: Decode, values: Sequence[WireValue]) -> SqlError | None:
    try:
        decode(values)
    except SqlError as error:
        return error
    return None


def _shown_value(value: WireValue) -> str:
    if value is None:
        return "null input"
    octets = bytes(value)
    if len(octets) <= MAX_SHOWN:
        return f'"{octets.decode(errors="replace")}"'
    return f'"{octets[:MAX_SHOWN].decode(errors="ignore")}..."'
