"""information_schema's constraints: which there are and the columns they use."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import ForeignKey, Table, UniqueConstraint

from ..catalog_names import schema_oids
from ..context import CatalogContext
from ..expressions import printed
from ..oids import not_null_name
from ..relation import Row
from ..table_index import attributes
from .pg_constraint import columns_of


def table_constraints(context: CatalogContext) -> Iterator[Row]:
    schemas = schema_oids(context)
    for table in context.state.each(Table):
        for unique in table.uniques:
            if unique.is_constraint:
                kind = "PRIMARY KEY" if unique.is_primary else "UNIQUE"
                nulls = None if unique.is_primary else "YES"
                if unique.nulls_not_distinct:
                    nulls = "NO"
                yield (
                    _constraint(table, unique.name, kind, context)
                    | _deferral(unique)
                    | {"nulls_distinct": nulls}
                )
        for key in table.foreign_keys:
            yield _constraint(table, key.name, "FOREIGN KEY", context) | _deferral(key)
        for check in table.checks:
            yield _constraint(table, check.name, "CHECK", context)
        for name, _ in _not_nulls(table, schemas[table.schema]):
            yield _constraint(table, name, "CHECK", context)


def _constraint(table: Table, name: str, kind: str, context: CatalogContext) -> dict[str, object]:
    return _of(table, name, context) | {
        "constraint_type": kind,
        "is_deferrable": "NO",
        "initially_deferred": "NO",
        "enforced": "YES",
    }


def _deferral(constraint: UniqueConstraint | ForeignKey) -> dict[str, object]:
    return {
        "is_deferrable": _yes_or_no(constraint.is_deferrable),
        "initially_deferred": _yes_or_no(constraint.is_deferred),
    }


def _yes_or_no(value: object) -> str:
    return "YES" if value else "NO"


def referential_constraints(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        for key in table.foreign_keys:
            parent, unique = _referenced(context, key)
            is_named = unique.is_constraint  # of an index nothing is said
            yield {
                "constraint_catalog": context.database,
                "constraint_schema": table.schema,
                "constraint_name": key.name,
                "unique_constraint_catalog": context.database if is_named else None,
                "unique_constraint_schema": parent.schema if is_named else None,
                "unique_constraint_name": unique.name if is_named else None,
                "match_option": "FULL" if key.is_full else "NONE",
                "update_rule": key.on_update,
                "delete_rule": key.on_delete,
            }


def _referenced(context: CatalogContext, key: ForeignKey) -> tuple[Table, UniqueConstraint]:
    parent = context.state.table(key.parent)
    return parent, next(unique for unique in parent.uniques if unique.oid == key.unique)


def _not_nulls(table: Table, schema: int) -> Iterator[tuple[str, str]]:
    """Name and clause of each NOT NULL, which information_schema counts among the checks."""
    for number, column in attributes(table):
        if column.not_null:
            yield not_null_name(schema, table.oid, number), f"{column.name} IS NOT NULL"


def check_constraints(context: CatalogContext) -> Iterator[Row]:
    schemas = schema_oids(context)
    for table in context.state.each(Table):
        clauses = [(check.name, f"({printed(check.expression)})") for check in table.checks]
        for name, clause in (*clauses, *_not_nulls(table, schemas[table.schema])):
            yield {
                "constraint_catalog": context.database,
                "constraint_schema": table.schema,
                "constraint_name": name,
                "check_clause": clause,
            }


def key_column_usage(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        for unique in table.uniques:
            if unique.is_constraint:
                for place, name in enumerate(unique.columns, 1):
                    yield _of(table, unique.name, context) | {"column_name": name, "ordinal_position": place}
        for key in table.foreign_keys:
            _, unique = _referenced(context, key)
            for place, (name, referenced) in enumerate(zip(key.columns, key.keys, strict=True), 1):
                yield _of(table, key.name, context) | {
                    "column_name": name,
                    "ordinal_position": place,
                    "position_in_unique_constraint": unique.columns.index(referenced) + 1,
                }


def constraint_column_usage(context: CatalogContext) -> Iterator[Row]:
    for table in context.state.each(Table):
        numbers = {column.name: number for number, column in attributes(table)}
        names = {number: name for name, number in numbers.items()}
        for unique in table.uniques:
            if unique.is_constraint:
                for name in unique.columns:
                    yield _of(table, unique.name, context) | {"column_name": name}
        for check in table.checks:
            for number in columns_of(check.expression, numbers):
                yield _of(table, check.name, context) | {"column_name": names[number]}
        for key in table.foreign_keys:
            parent, _ = _referenced(context, key)
            for name in key.keys:
                yield _of(parent, key.name, context) | {
                    "column_name": name,
                    "constraint_schema": table.schema,
                }


def constraint_table_usage(context: CatalogContext) -> Iterator[Row]:
    """Of primary keys and unique constraints, as PostgreSQL has it: checks do not use their table."""
    for table in context.state.each(Table):
        for unique in table.uniques:
            if unique.is_constraint:
                yield _of(table, unique.name, context)
        for key in table.foreign_keys:
            parent, _ = _referenced(context, key)
            yield _of(parent, key.name, context) | {"constraint_schema": table.schema}


def _of(table: Table, name: str, context: CatalogContext) -> dict[str, object]:
    return {
        "constraint_catalog": context.database,
        "constraint_schema": table.schema,
        "constraint_name": name,
        "table_catalog": context.database,
        "table_schema": table.schema,
        "table_name": table.name,
    }
