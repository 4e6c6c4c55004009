"""ACCESS_METHODS: the kinds of tables and indexes that pg_am lists."""

from __future__ import annotations

from dataclasses import dataclass

HEAP = 2


@dataclass(frozen=True, slots=True)
class Method:
    """A row of pg_am; `kind` is "t" for tables, "i" for indexes."""

    oid: int
    name: str
    handler: str
    kind: str = "i"


# PostgreSQL's OIDs, then pgvector's.
ACCESS_METHODS = {
    method.name: method
    for method in (
        Method(HEAP, "heap", "heap_tableam_handler", "t"),
        Method(403, "btree", "bthandler"),
        Method(405, "hash", "hashhandler"),
        Method(783, "gist", "gisthandler"),
        Method(2742, "gin", "ginhandler"),
        Method(4000, "spgist", "spghandler"),
        Method(3580, "brin", "brinhandler"),
        Method(16448, "ivfflat", "ivfflathandler"),
        Method(16450, "hnsw", "hnswhandler"),
    )
}
