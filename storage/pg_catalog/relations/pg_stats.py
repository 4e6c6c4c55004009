"""pg_stats: what ANALYZE found, column by column; anyarray columns hold the arrays' text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from sqlvec.core.schema import ColumnStatistics, Table
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import array_of

from ...privileges import Privileges
from ..context import CatalogContext
from ..relation import Row
from ..table_index import attributes


def rows(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        statistics = context.statistics.get(table.oid)
        if statistics is None:
            continue
        privileges = Privileges(context.state, context.role)
        if privileges.is_guarded(table):
            continue
        for _, column in attributes(table):
            if not privileges.has_on_column(table, column, "r"):
                continue
            found = statistics.columns.get(column.name)
            if found is not None:
                yield _row(table, column.name, column.type, found, context.settings.output_format())


def _row(table: Table, name: str, kind: PgType, found: ColumnStatistics, output_format: OutputFormat) -> Row:
    common = [value for value, _ in found.common]
    elements = [value for value, _ in found.elements]
    return {
        "schemaname": table.schema,
        "tablename": table.name,
        "attname": name,
        "inherited": False,
        "null_frac": found.null_fraction,
        "avg_width": max(kind.length, 0),
        "n_distinct": found.distinct,
        "most_common_vals": _literal(kind, common, output_format),
        "most_common_freqs": [fraction for _, fraction in found.common] or None,
        "histogram_bounds": _literal(kind, found.histogram, output_format),
        "most_common_elems": None
        if kind.element is None
        else _literal(kind.element, elements, output_format),
        "most_common_elem_freqs": [fraction for _, fraction in found.elements] or None,
    }


def _literal(kind: PgType, values: Sequence[object], output_format: OutputFormat) -> str | None:
    array = array_of(kind)
    if not values or array is None:
        return None
    column = pa.array([list(values)], array.arrow)
    return str(array.text.encode(column, output_format).cast(pa.large_string())[0].as_py())
