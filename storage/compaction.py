"""Compaction: a snapshot without the rows that are gone; it begins another lineage.

It is made in two steps, so that commits wait for the second only: the draft copies what lives, and finishing
it adds what has been committed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from .snapshot import ColumnValues, TableSnapshot
from .vector_column import Bools, Ints, VectorColumn

WORN_SHARE = 0.2  # dead rows among all, from which on copying the others pays
WORN_ROWS = 1000


def is_worn(snapshot: TableSnapshot) -> bool:
    dead = len(snapshot) - snapshot.live_count
    return dead >= WORN_ROWS and dead > WORN_SHARE * len(snapshot)


@dataclass(frozen=True, slots=True)
class Draft:
    """The live rows of `source`, at positions `kept` there."""

    source: TableSnapshot
    kept: Ints
    columns: dict[str, ColumnValues]

    @staticmethod
    def of(source: TableSnapshot) -> Draft:
        live = _live(source)
        kept = np.flatnonzero(live)
        return Draft(source, kept, {name: _picked(each, live) for name, each in source.columns.items()})

    def finished(self, current: TableSnapshot | None, lineage: int) -> TableSnapshot | None:
        """With what came to `current` since; None when it does not descend from the source."""
        if current is None or current.lineage != self.source.lineage:
            return None
        live = _live(current)
        inside = live[self.kept]  # some may have died meanwhile
        chosen = live.copy()
        chosen[self.kept] = True
        columns = {name: self._column(name, current, chosen) for name in current.columns}
        rids = current.rids[np.flatnonzero(chosen)]
        still = None if inside.all() else np.concatenate([inside, np.ones(len(rids) - len(inside), np.bool_)])
        return replace(current, rids=rids, live=still, columns=columns, lineage=lineage)

    def _column(self, name: str, current: TableSnapshot, chosen: Bools) -> ColumnValues:
        values = current.columns[name]
        known = self.columns.get(name)
        if known is not None and values is self.source.columns[name]:
            return known
        if isinstance(known, VectorColumn) and isinstance(values, VectorColumn):
            # A row keeps its vectors for life, so those copied already are still right.
            count = len(self.source)
            newer = VectorColumn(values.matrix[count:], values.valid[count:])
            return known.append(newer.filtered(chosen[count:]))
        return _picked(values, chosen)  # read anew or grown: plain values may have changed


def _live(snapshot: TableSnapshot) -> Bools:
    return snapshot.live if snapshot.live is not None else np.ones(len(snapshot), np.bool_)


def _picked(column: ColumnValues, rows: Bools) -> ColumnValues:
    if isinstance(column, VectorColumn):
        return column.filtered(rows)
    return column.filter(pa.array(rows))
