"""Statistics of use: pg_stat_user_tables, pg_stat_user_indexes and their like. Nothing is counted yet."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Table

from ..context import CatalogContext
from ..relation import Row
from ..table_index import indexes_of

_TABLE_COUNTERS = (
    "seq_scan", "seq_tup_read", "idx_scan", "idx_tup_fetch", "n_tup_ins", "n_tup_upd", "n_tup_del",
    "n_tup_hot_upd", "n_dead_tup", "n_mod_since_analyze", "n_ins_since_vacuum", "vacuum_count",
    "autovacuum_count", "analyze_count", "autoanalyze_count",
)  # fmt: skip
_NO_COUNTS = dict.fromkeys(_TABLE_COUNTERS, 0)


def tables(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        statistics = context.statistics.get(table.oid)
        yield _NO_COUNTS | {
            "relid": table.oid,
            "schemaname": table.schema,
            "relname": table.name,
            "n_live_tup": 0 if statistics is None else statistics.rows,
        }


def indexes(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        for index in indexes_of(table):
            yield {
                "relid": table.oid,
                "indexrelid": index.oid,
                "schemaname": table.schema,
                "relname": table.name,
                "indexrelname": index.name,
                "idx_scan": 0,
                "idx_tup_read": 0,
                "idx_tup_fetch": 0,
            }
