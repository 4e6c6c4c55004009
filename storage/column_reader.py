"""ColumnReader: columns of a table out of DuckDB, in the order of given row ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from sqlvec.core.schema import RID, Table

from .duck import Cursor, duckdb_errors
from .row_order import RowOrder
from .snapshot import ColumnValues
from .vector_column import Ints, VectorColumn


class ColumnReader:
    """Reads one table; nobody may commit meanwhile."""

    def __init__(self, cursor: Cursor, table: Table) -> None:
        self._cursor = cursor
        self._table = table

    def rids(self) -> Ints:
        """All row ids, ascending."""
        found = self._cursor.numpy(f"SELECT {RID} FROM {self._table.storage_name}")[RID]
        return np.sort(np.asarray(found, np.int64))

    def columns(self, names: Sequence[str], rids: Ints) -> dict[str, ColumnValues]:
        """Columns by name, one value per row id; NULL for rows that the table does not have (tombstones)."""
        order = RowOrder.of(rids)
        found: dict[str, ColumnValues] = {}
        plain: list[str] = []
        for name in names:
            known = self._table.column(name)
            if known is not None and known.is_searchable:
                found[name] = self._vectors(name, known.typmod, order)
            else:
                plain.append(name)
        if plain:
            found.update(self._plain(plain, order))
        return found

    def _vectors(self, name: str, dimensions: int, order: RowOrder) -> VectorColumn:
        """Batch by batch into one matrix: sorted by DuckDB, the vectors would be in memory three times."""
        column = VectorColumn.nulls(len(order.ordered), dimensions)
        sql = (
            f"SELECT {RID}, {_quoted(name)} FROM {self._table.storage_name} WHERE {_quoted(name)} IS NOT NULL"
        )
        with duckdb_errors(), self._cursor.batches(sql) as batches:
            for batch in batches:
                places = order.places(batch.column(0).to_numpy())
                values = batch.column(1).flatten().to_numpy(zero_copy_only=False)
                column.matrix[places] = values.reshape(-1, dimensions)
                column.valid[places] = True
        return column

    def _plain(self, names: Sequence[str], order: RowOrder) -> dict[str, pa.ChunkedArray]:
        selected = ", ".join([RID, *(_quoted(name) for name in names)])
        rows = self._cursor.table(f"SELECT {selected} FROM {self._table.storage_name} ORDER BY {RID}")
        rids = rows.column(RID).to_numpy()
        if order.order is None and len(rids) == len(order.ordered):
            return {name: rows.column(name) for name in names}
        places = np.full(len(order.ordered), -1, np.int64)
        places[order.places(rids)] = np.arange(len(rids))
        indices = pa.array(places, mask=places < 0)
        return {name: rows.column(name).take(indices) for name in names}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
