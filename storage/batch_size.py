"""Batch size: how many rows of a result DuckDB exports to Arrow at a time.

Its Arrow export reserves a whole batch before the first row: a million rows by default, which for one vector
of 5,000 dimensions is 32 GB. Strings and lists grow as they come, but their 32-bit offsets end at 2 GB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

BATCH_ROWS = 16_384  # at most
BATCH_BYTES = 4 * 2**20  # as far as the types tell; numbers printed as text are five times longer
_NOMINAL = 16  # bytes of a value whose type has no fixed width, or a small one


def batch_rows(description: Sequence[Sequence[Any]] | None) -> int:
    """Rows per batch of a result, from DuckDB's types of its columns."""
    width = sum(row_bytes(column[1]) for column in description or ())
    return max(1, min(BATCH_ROWS, BATCH_BYTES // max(width, 1)))


def rows_at_once(table: pa.Table) -> int:
    """The same for a result that is in memory already."""
    fitting = BATCH_BYTES * int(table.num_rows) // max(int(table.nbytes), 1)
    return max(1, min(BATCH_ROWS, fitting))


def row_bytes(kind: Any) -> int:
    """What one value of a DuckDB type reserves."""
    if kind.id == "array":
        child, size = (value for _, value in kind.children)
        return int(size) * (4 if child.id == "float" else row_bytes(child))
    if kind.id in ("list", "struct", "map", "union"):
        return sum(row_bytes(child) for _, child in kind.children)
    return _NOMINAL
