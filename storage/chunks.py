"""Chunks: an Arrow column that grows by appending and stays in few chunks.

DuckDB reads a column chunk by chunk, at some 20 us each: thousands of one row would cost more than the rows.
"""

from __future__ import annotations

import pyarrow as pa

MERGED_ROWS = 131_072  # no longer chunk is made by merging: a commit that merges is waited for
MERGED_BYTES = 16 * 2**20


def appended(column: pa.ChunkedArray, added: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with more rows. Each chunk is at least twice as long as what follows it, or full; so there
    are few, and a row is copied a logarithmic number of times.
    """
    chunks = [*column.chunks, *(chunk for chunk in added.cast(column.type).chunks if len(chunk))]
    if not chunks:
        return column
    start = len(chunks) - 1
    rows, size = len(chunks[start]), chunks[start].nbytes
    while start > 0 and len(chunks[start - 1]) < 2 * rows:
        rows, size = rows + len(chunks[start - 1]), size + chunks[start - 1].nbytes
        if rows > MERGED_ROWS or size > MERGED_BYTES:
            break
        start -= 1
    merged = [pa.concat_arrays(chunks[start:])] if start < len(chunks) - 1 else chunks[start:]
    return pa.chunked_array(chunks[:start] + merged, column.type)
