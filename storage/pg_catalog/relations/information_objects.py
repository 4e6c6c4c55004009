"""information_schema's objects: schemata, tables, views, sequences, and the names of the database itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.role import Role
from sqlvec.core.schema import Schema, Sequence, Table, View

from ...privileges import Privileges
from ..catalog_names import OWNER_NAME
from ..context import CatalogContext
from ..definitions import view_definition
from ..headers import HEADERS
from ..relation import Row
from .information_columns import NUMBERS
from .pg_sequence import sequence_type


def catalog_name(database: str) -> Iterator[Row]:
    yield {"catalog_name": database}


def character_sets(database: str) -> Iterator[Row]:
    yield {
        "character_set_name": "UTF8",
        "character_repertoire": "UCS",
        "form_of_use": "UTF8",
        "default_collate_catalog": database,
        "default_collate_schema": "pg_catalog",
        "default_collate_name": "ucs_basic",
    }


def enabled_roles(context: CatalogContext) -> Iterator[Row]:
    roster = context.state.roster
    for role in roster.each(Role):
        if roster.has_privileges_of(context.role, role.oid):
            yield {"role_name": role.name}


def system_schemata(database: str) -> Iterator[Row]:
    for name in ("information_schema", "pg_catalog"):
        yield {"catalog_name": database, "schema_name": name, "schema_owner": OWNER_NAME}


def schemata(context: CatalogContext) -> Iterator[Row]:
    for schema in context.state.each(Schema):
        if not context.state.roster.has_privileges_of(context.role, schema.owner_role):
            continue
        owner = context.state.roster.name_of(schema.owner_role)
        yield {"catalog_name": context.database, "schema_name": schema.name, "schema_owner": owner}


def system_tables(database: str) -> Iterator[Row]:
    for header in HEADERS.values():
        row = _table(database, header.schema, header.name, is_view=header.kind == "v")
        yield row | {"is_insertable_into": "NO"}


def tables(context: CatalogContext) -> Iterator[Row]:
    for item in context.state.objects.values():
        if isinstance(item, Table | View) and Privileges(context.state, context.role).sees(item):
            yield _table(context.database, item.schema, item.name, is_view=isinstance(item, View))


def _table(database: str, schema: str, name: str, *, is_view: bool) -> dict[str, object]:
    return {
        "table_catalog": database,
        "table_schema": schema,
        "table_name": name,
        "table_type": "VIEW" if is_view else "BASE TABLE",
        "is_insertable_into": "NO" if is_view else "YES",
        "is_typed": "NO",
    }


def system_views(database: str) -> Iterator[Row]:
    for header in HEADERS.values():
        if header.kind == "v":
            yield _view(database, header.schema, header.name)


def views(context: CatalogContext) -> Iterator[Row]:
    for view in context.state.each(View):
        yield _view(context.database, view.schema, view.name) | {"view_definition": view_definition(view)}


def _view(database: str, schema: str, name: str) -> dict[str, object]:
    return {
        "table_catalog": database,
        "table_schema": schema,
        "table_name": name,
        "check_option": "NONE",
        "is_updatable": "NO",
        "is_insertable_into": "NO",
        "is_trigger_updatable": "NO",
        "is_trigger_deletable": "NO",
        "is_trigger_insertable_into": "NO",
    }


def sequences(context: CatalogContext) -> Iterator[Row]:
    inner = {sequence_oid for sequence_oid in _identities(context)}
    for sequence in context.state.each(Sequence):
        if sequence.oid in inner:
            continue  # the sequence of an identity column is the column's own affair
        kind = sequence_type(sequence)
        precision, radix, scale = NUMBERS[kind.name]
        yield {
            "sequence_catalog": context.database,
            "sequence_schema": sequence.schema,
            "sequence_name": sequence.name,
            "data_type": kind.sql_name,
            "numeric_precision": precision,
            "numeric_precision_radix": radix,
            "numeric_scale": scale,
            "start_value": str(sequence.start),
            "minimum_value": str(sequence.minimum),
            "maximum_value": str(sequence.maximum),
            "increment": str(sequence.increment),
            "cycle_option": "YES" if sequence.cycle else "NO",
        }


def _identities(context: CatalogContext) -> Iterator[int]:
    for table in context.state.each(Table):
        for column in table.columns:
            if column.identity is not None and column.sequence_oid is not None:
                yield column.sequence_oid
