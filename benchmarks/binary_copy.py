"""Binary COPY: rows of the benchmark's table as PostgreSQL's binary format has them.

Written by hand, so that loading measures the server and not a client library's adapters.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from .corpus import Corpus, meta_of

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
TEXT_OID = 25
ROWS_PER_PIECE = 500

_LENGTH = struct.Struct(">i")


def pieces(corpus: Corpus) -> Iterator[bytes]:
    """The whole COPY stream for (id, package, section, installed_kb, tags, meta, embedding)."""
    yield HEADER
    vectors = corpus.vectors.astype(">f4")
    vector_head = struct.pack(">HH", vectors.shape[1], 0)
    piece = bytearray()
    for number, (row, vector) in enumerate(zip(corpus.rows, vectors, strict=True), 1):
        piece += struct.pack(">h", 7)
        for field in (
            struct.pack(">q", row["id"]), _text(row["package"]), _text(row["section"]),
            None if row["installed_kb"] is None else struct.pack(">i", row["installed_kb"]),
            _text_array(row["tags"]), b"\x01" + meta_of(row).encode(), vector_head + vector.tobytes(),
        ):  # fmt: skip
            piece += _LENGTH.pack(-1) if field is None else _LENGTH.pack(len(field)) + field
        if number % ROWS_PER_PIECE == 0:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + TRAILER


def _text(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def _text_array(values: Sequence[str]) -> bytes:
    if not values:
        return struct.pack(">iii", 0, 0, TEXT_OID)
    encoded = [value.encode() for value in values]
    head = struct.pack(">iiiii", 1, 0, TEXT_OID, len(encoded), 1)
    return head + b"".join(_LENGTH.pack(len(value)) + value for value in encoded)
