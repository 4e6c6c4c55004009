"""pg_index: the indexes, those behind constraints too."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Index, IndexColumn, Table
from sqlvec.core.types.registry import type_by_name

from ..context import CatalogContext
from ..expressions import printed
from ..operator_class import operator_class
from ..relation import Row
from ..table_index import attributes, indexes_of, key_options
from ..type_layout import collation_of


def rows(context: CatalogContext) -> Iterator[Row]:
    building = {build.index_oid for build in context.progress}
    for table in context.state.each(Table):
        primary = table.primary_key
        numbers = {column.name: number for number, column in attributes(table)}
        for index in indexes_of(table):
            is_primary = primary is not None and primary.index_oid == index.oid
            is_built = index.oid not in building
            key = next((unique for unique in table.uniques if unique.index_oid == index.oid), None)
            yield _row(table, index, numbers) | {
                "indimmediate": key is None or not key.is_deferrable,
                "indnullsnotdistinct": key is not None and key.nulls_not_distinct,
                "indisprimary": is_primary,
                "indisvalid": is_built,
                "indisready": is_built,
            }


def _row(table: Table, index: Index, numbers: dict[str, int]) -> dict[str, object]:
    expressions = [printed(key.expression) for key in index.columns if key.expression is not None]
    names = [*(key.column for key in index.columns), *index.include]
    return {
        "indexrelid": index.oid,
        "indrelid": table.oid,
        "indnatts": len(names),
        "indnkeyatts": len(index.columns),
        "indisunique": index.unique,
        "indislive": True,
        "indkey": [0 if name is None else numbers.get(name, 0) for name in names],
        "indcollation": [_collation(table, key) for key in index.columns],
        "indclass": [_class(table, index, key) for key in index.columns],
        "indoption": [key_options(key) for key in index.columns],
        "indexprs": ", ".join(expressions) or None,
        "indpred": None if index.where is None else printed(index.where),
    }


def _collation(table: Table, key: IndexColumn) -> int:
    column = None if key.column is None else table.column(key.column)
    return 0 if column is None else collation_of(column.type)


def _class(table: Table, index: Index, key: IndexColumn) -> int:
    column = None if key.column is None else table.column(key.column)
    kind = type_by_name("text") if column is None else column.type
    found = None if kind is None else operator_class(index.method, kind, key.opclass)
    return 0 if found is None else found.oid
