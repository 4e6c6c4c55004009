"""RedoLog: what a transaction has written, in order, so that it can be written again.

DuckDB has no savepoints, and an error ends its transaction. ROLLBACK TO therefore rolls DuckDB back, begins
anew and replays the log up to the savepoint (DESIGN section 4). Rows are kept as Arrow tables with their row
ids, so that a replay gives each row its old identity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from sqlvec.storage.duck import Cursor

NO_TABLES: Mapping[str, pa.Table] = {}


@dataclass(frozen=True, slots=True)
class Write:
    """One statement that changes DuckDB, with the Arrow tables that it reads by name."""

    sql: str
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

    def run(self, cursor: Cursor) -> None:
        with cursor.registered(self.tables):
            cursor.run(self.sql)


class RedoLog:
    """Grows with every write of a transaction block; cut back by ROLLBACK TO."""

    def __init__(self) -> None:
        self._writes: list[Write] = []

    def __len__(self) -> int:
        return len(self._writes)

    def add(self, write: Write) -> None:
        self._writes.append(write)

    def cut(self, length: int) -> None:
        del self._writes[length:]

    def replay(self, cursor: Cursor) -> None:
        for write in self._writes:
            write.run(cursor)
