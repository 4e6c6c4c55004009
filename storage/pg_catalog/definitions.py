"""Definitions of indexes, constraints and views, as pg_get_indexdef() and its like print them."""

from __future__ import annotations

from collections.abc import Callable

from sqlvec.core.schema import ForeignKey, Index, IndexColumn, Table, UniqueConstraint, View

from .expressions import is_call, pretty, printed
from .identifiers import qualified_name, quote_identifier
from .operator_class import operator_class
from .table_index import index_of, is_nulls_first


def index_definition(table: Table, index_oid: int, *, is_pretty: bool = False) -> str | None:
    """CREATE INDEX for an index of the table, those behind constraints too; None if it has no such index.

    `is_pretty` is pg_get_indexdef()'s third argument: fewer parentheses, and the table's bare name.
    """
    index = index_of(table, index_oid)
    if index is None:
        return None
    on = quote_identifier(table.name) if is_pretty else qualified_name(table.schema, table.name)
    keys = ", ".join(_key(table, index, key, is_pretty=is_pretty) for key in index.columns)
    text = (
        f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {quote_identifier(index.name)} ON {on}"
        f" USING {index.method} ({keys})"
    )
    if index.include:
        text += f" INCLUDE ({_names(index.include)})"
    if any(unique.index_oid == index_oid and unique.nulls_not_distinct for unique in table.uniques):
        text += " NULLS NOT DISTINCT"
    if index.options:
        text += f" WITH ({', '.join(f'{name}={_quoted(value)}' for name, value in index.options)})"
    if index.where is not None:
        text += f" WHERE {pretty(index.where) if is_pretty else printed(index.where)}"
    return text


def index_column_definition(table: Table, index_oid: int, number: int) -> str | None:
    """pg_get_indexdef(index, number, ...): the column alone; "" where the index has no such column."""
    index = index_of(table, index_oid)
    if index is None:
        return None
    names = [
        *(_expression(key, is_pretty=True) for key in index.columns),
        *map(quote_identifier, index.include),
    ]
    return names[number - 1] if 0 < number <= len(names) else ""


def constraint_definition(
    table: Table, constraint_oid: int, *, is_pretty: bool = False, name_of: Callable[[int], str] = str
) -> str | None:
    """What follows CONSTRAINT name in CREATE TABLE; None if the table has no such constraint.

    `name_of` spells the table that a foreign key references.
    """
    for unique in table.uniques:
        if unique.oid == constraint_oid and unique.is_constraint:
            return _unique_definition(unique)
    for check in table.checks:
        if check.oid == constraint_oid:
            text = f"CHECK ({pretty(check.expression) if is_pretty else printed(check.expression)})"
            return text if check.is_valid else f"{text} NOT VALID"
    for key in table.foreign_keys:
        if key.oid == constraint_oid:
            return _foreign_key_definition(key, name_of(key.parent))
    return None


def _unique_definition(unique: UniqueConstraint) -> str:
    kind = "PRIMARY KEY" if unique.is_primary else "UNIQUE"
    nulls = " NULLS NOT DISTINCT" if unique.nulls_not_distinct else ""
    return f"{kind}{nulls} ({_names(unique.columns)}){_deferral(unique)}"


def _foreign_key_definition(key: ForeignKey, parent: str) -> str:
    text = f"FOREIGN KEY ({_names(key.columns)}) REFERENCES {parent}({_names(key.keys)})"
    if key.is_full:
        text += " MATCH FULL"
    if key.on_update != "NO ACTION":
        text += f" ON UPDATE {key.on_update}"
    if key.on_delete != "NO ACTION":
        text += f" ON DELETE {key.on_delete}"
    if key.delete_columns:
        text += f" ({_names(key.delete_columns)})"
    return text + _deferral(key) + ("" if key.is_valid else " NOT VALID")


def _deferral(constraint: UniqueConstraint | ForeignKey) -> str:
    if not constraint.is_deferrable:
        return ""
    return " DEFERRABLE INITIALLY DEFERRED" if constraint.is_deferred else " DEFERRABLE"


def view_definition(view: View) -> str:
    """The view's query as pg_get_viewdef() prints it."""
    return f" {view.query.strip().rstrip(';')};"


def index_options(index: Index) -> list[str] | None:
    """pg_class.reloptions."""
    return [f"{name}={value}" for name, value in index.options] or None


def _key(table: Table, index: Index, key: IndexColumn, *, is_pretty: bool) -> str:
    text = _expression(key, is_pretty=is_pretty)
    column = None if key.column is None else table.column(key.column)
    if key.opclass is not None:
        default = None if column is None else operator_class(index.method, column.type)
        if default is None or default.name != key.opclass.lower():
            text += f" {quote_identifier(key.opclass)}"
    if key.descending:
        text += " DESC"
    if is_nulls_first(key) != key.descending:
        text += " NULLS FIRST" if is_nulls_first(key) else " NULLS LAST"
    return text


def _expression(key: IndexColumn, *, is_pretty: bool) -> str:
    if key.column is not None:
        return quote_identifier(key.column)
    bare = pretty(key.expression or "")
    if is_call(bare):
        return bare
    return f"({bare if is_pretty else printed(bare)})"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(quote_identifier, names))


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"  # options are quoted even where they are numbers
