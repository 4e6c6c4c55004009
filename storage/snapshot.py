"""TableSnapshot: an immutable, in-memory, columnar image of a table's committed rows.

Rows stand in the order in which they became visible; a row's position never changes while the snapshot
lives, so that filters, indexes and output speak of positions. Deleted rows stay as tombstones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from .chunks import appended
from .row_order import RowOrder
from .vector_column import Bools, Floats, Ints, VectorColumn

__all__ = ["Bools", "ColumnValues", "Floats", "Ints", "TableSnapshot", "VectorColumn"]

ColumnValues: TypeAlias = VectorColumn | pa.ChunkedArray


@dataclass(frozen=True, slots=True)
class TableSnapshot:
    """Positions 0..n-1; `live` is None while no row is deleted. `version` grows with every commit.

    Snapshots of one `lineage` share positions; a table that is read anew begins another lineage.
    """

    rids: Ints
    live: Bools | None = None
    columns: Mapping[str, ColumnValues] = field(default_factory=dict)
    version: int = 0
    lineage: int = 0

    def __len__(self) -> int:
        return len(self.rids)

    @property
    def live_count(self) -> int:
        return len(self.rids) if self.live is None else int(np.count_nonzero(self.live))

    def has(self, names: Iterable[str]) -> bool:
        return all(name in self.columns for name in names)

    def vectors(self, name: str) -> VectorColumn:
        column = self.columns[name]
        assert isinstance(column, VectorColumn)
        return column

    def positions_of(self, rids: Ints) -> Ints:
        """Where rows are; -1 for those not in the snapshot."""
        return RowOrder.of(self.rids).places(rids)

    def take(self, positions: Ints, names: Iterable[str]) -> dict[str, pa.Array | pa.ChunkedArray]:
        """Columns of the rows at some positions."""
        taken: dict[str, pa.Array | pa.ChunkedArray] = {}
        indices: pa.Array | None = None
        for name in names:
            column = self.columns[name]
            if isinstance(column, VectorColumn):
                taken[name] = column.to_arrow(positions)
            else:
                indices = pa.array(positions) if indices is None else indices
                taken[name] = column.take(indices)
        return taken

    def arrow(self, name: str) -> pa.Array | pa.ChunkedArray:
        column = self.columns[name]
        return column.to_arrow() if isinstance(column, VectorColumn) else column

    def with_rows(self, rids: Ints, batch: pa.Table) -> TableSnapshot:
        """Append new rows; columns that the batch lacks are forgotten and read again when needed."""
        columns: dict[str, ColumnValues] = {}
        for name, column in self.columns.items():
            if name not in batch.column_names:
                continue
            added = batch.column(name)
            if isinstance(column, VectorColumn):
                columns[name] = column.append(VectorColumn.from_arrow(added, column.matrix.shape[1]))
            else:
                columns[name] = appended(column, added)
        live = None if self.live is None else np.concatenate([self.live, np.ones(len(rids), np.bool_)])
        return replace(self, rids=np.concatenate([self.rids, rids]), live=live, columns=columns)

    def without_rows(self, rids: Ints) -> TableSnapshot:
        positions = self.positions_of(rids)
        positions = positions[positions >= 0]
        if len(positions) == 0:
            return self
        live = np.ones(len(self.rids), np.bool_) if self.live is None else self.live.copy()
        live[positions] = False
        return replace(self, live=live)

    def without_columns(self, names: Iterable[str]) -> TableSnapshot:
        gone = set(names)
        return replace(self, columns={k: v for k, v in self.columns.items() if k not in gone})
