"""ANALYZE: row count and what pg_stats shows of each column, computed by DuckDB over a sample."""

from __future__ import annotations

from sqlvec.core.schema import Column, ColumnStatistics, Table, TableStatistics

from .duck import Cursor

SAMPLE = 30_000  # rows, as PostgreSQL's default statistics target of 100 samples
COMMON = 100  # most common values kept
BOUNDS = 100  # histogram buckets
_PLAIN = frozenset({"S", "N", "B", "D", "T"})  # categories whose values are comparable scalars


def collect(cursor: Cursor, table: Table) -> TableStatistics:
    """Statistics of every column."""
    rows = int(cursor.rows(f"SELECT count(*) FROM {table.storage_name}")[0][0])
    source = f"(SELECT * FROM {table.storage_name} USING SAMPLE {SAMPLE} ROWS (reservoir, 42))"
    return TableStatistics(rows, {c.name: _column(cursor, source, c, rows) for c in table.columns})


def _column(cursor: Cursor, source: str, column: Column, rows: int) -> ColumnStatistics:
    name = '"' + column.name.replace('"', '""') + '"'
    sampled, present = cursor.rows(f"SELECT count(*), count({name}) FROM {source}")[0]
    nulls = 1 - present / sampled if sampled else 0.0
    if not present:
        return ColumnStatistics(null_fraction=nulls)
    if column.type.is_array:
        return ColumnStatistics(nulls, elements=_elements(cursor, source, name, sampled))
    if column.type.category not in _PLAIN:
        return ColumnStatistics(nulls)
    distinct = int(cursor.rows(f"SELECT count(DISTINCT {name}) FROM {source}")[0][0])
    common = _common(cursor, source, name, sampled)
    return ColumnStatistics(
        nulls,
        float(distinct if distinct < 0.1 * rows else -distinct / max(present, 1)),
        common,
        _bounds(cursor, source, name),
    )


def _common(cursor: Cursor, source: str, name: str, sampled: int) -> tuple[tuple[object, float], ...]:
    found = cursor.rows(
        f"SELECT {name}, count(*) AS n FROM {source} WHERE {name} IS NOT NULL "
        f"GROUP BY 1 HAVING count(*) > 1 ORDER BY n DESC, 1 LIMIT {COMMON}"
    )
    return tuple((value, count / sampled) for value, count in found)


def _elements(cursor: Cursor, source: str, name: str, sampled: int) -> tuple[tuple[object, float], ...]:
    found = cursor.rows(
        f"SELECT element, count(*) AS n FROM (SELECT unnest(list_distinct({name})) AS element FROM {source}) "
        f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {COMMON}"
    )
    return tuple((value, count / sampled) for value, count in found)


def _bounds(cursor: Cursor, source: str, name: str) -> tuple[object, ...]:
    shares = ", ".join(str(index / BOUNDS) for index in range(BOUNDS + 1))
    found = cursor.rows(f"SELECT quantile_disc({name}, [{shares}]) FROM {source}")[0][0]
    return tuple(dict.fromkeys(found or ()))
