"""Views by name of what pg_class lists by OID: pg_tables, pg_views, pg_indexes and pg_sequences."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Sequence, Table, View

from ...privileges import Privileges
from ..catalog_names import OWNER_NAME
from ..context import CatalogContext
from ..definitions import index_definition, view_definition
from ..headers import HEADERS
from ..relation import Row
from ..table_index import indexes_of
from .pg_sequence import sequence_type


def tables(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        yield _table(table.schema, table.name) | {
            "tableowner": context.state.roster.name_of(table.owner_role),
            "hasindexes": bool(table.indexes or table.uniques),
            "rowsecurity": table.row_security,
        }


def system_tables(database: str) -> Iterator[Row]:
    for header in HEADERS.values():
        if header.kind == "r":
            yield _table(header.schema, header.name)


def _table(schema: str, name: str) -> dict[str, object]:
    return {
        "schemaname": schema,
        "tablename": name,
        "tableowner": OWNER_NAME,
        "hasindexes": False,
        "hasrules": False,
        "hastriggers": False,
        "rowsecurity": False,
    }


def views(context: CatalogContext) -> Iterator[Row]:
    for view in context.state.each(View):
        yield _view(view.schema, view.name) | {
            "viewowner": context.state.roster.name_of(view.owner_role),
            "definition": view_definition(view),
        }


def system_views(database: str) -> Iterator[Row]:
    for header in HEADERS.values():
        if header.kind == "v":
            yield _view(header.schema, header.name)


def _view(schema: str, name: str) -> dict[str, object]:
    return {"schemaname": schema, "viewname": name, "viewowner": OWNER_NAME}


def indexes(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        for index in indexes_of(table):
            yield {
                "schemaname": table.schema,
                "tablename": table.name,
                "indexname": index.name,
                "indexdef": index_definition(table, index.oid),
            }


def sequences(context: CatalogContext) -> Iterator[Row]:
    for sequence in context.state.each(Sequence):
        yield {
            "schemaname": sequence.schema,
            "sequencename": sequence.name,
            "sequenceowner": context.state.roster.name_of(sequence.owner_role),
            "data_type": sequence_type(sequence).sql_name,
            "start_value": sequence.start,
            "min_value": sequence.minimum,
            "max_value": sequence.maximum,
            "increment_by": sequence.increment,
            "cycle": sequence.cycle,
            "cache_size": 1,
            "last_value": _last_value(context, sequence),
        }


def _last_value(context: CatalogContext, sequence: Sequence) -> int | None:
    """Told to who may read or use the sequence."""
    is_open = {"r", "U"} & Privileges(context.state, context.role).on(sequence)
    return context.sequence_values.get(sequence.oid) if is_open else None
