"""pg_constraint: unique constraints, checks and foreign keys; conbin holds what pg_get_expr() prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlvec.core.schema import Action, ForeignKey, Table

from ..catalog_names import schema_oids
from ..context import CatalogContext
from ..expressions import printed
from ..relation import Row
from ..table_index import attributes

_ACTIONS: dict[Action, str] = {
    "NO ACTION": "a",
    "RESTRICT": "r",
    "CASCADE": "c",
    "SET NULL": "n",
    "SET DEFAULT": "d",
}
_WORD = re.compile(r"'(?:[^']|'')*'|\"([^\"]+)\"|(\w+)")


def rows(context: CatalogContext) -> Iterator[Row]:
    schemas = schema_oids(context)
    for table in context.state.each(Table):
        numbers = {column.name: number for number, column in attributes(table)}
        for unique in table.uniques:
            if unique.is_constraint:
                yield _row(unique.oid, unique.name, "p" if unique.is_primary else "u", schemas, table) | {
                    "conindid": unique.index_oid,
                    "condeferrable": unique.is_deferrable,
                    "condeferred": unique.is_deferred,
                    "connoinherit": True,
                    "conkey": [numbers[name] for name in unique.columns],
                }
        for check in table.checks:
            yield _row(check.oid, check.name, "c", schemas, table) | {
                "conkey": columns_of(check.expression, numbers),
                "conbin": printed(check.expression),
                "convalidated": check.is_valid,
            }
        for key in table.foreign_keys:
            yield _row(key.oid, key.name, "f", schemas, table) | _foreign_key(context, key, numbers)


def _foreign_key(context: CatalogContext, key: ForeignKey, numbers: dict[str, int]) -> dict[str, object]:
    parent = context.state.table(key.parent)
    theirs = {column.name: number for number, column in attributes(parent)}
    unique = next(unique for unique in parent.uniques if unique.oid == key.unique)
    return {
        "conindid": unique.index_oid,
        "connoinherit": True,
        "confrelid": parent.oid,
        "conkey": [numbers[name] for name in key.columns],
        "confkey": [theirs[name] for name in key.keys],
        "confupdtype": _ACTIONS[key.on_update],
        "confdeltype": _ACTIONS[key.on_delete],
        "confmatchtype": "f" if key.is_full else "s",
        "confdelsetcols": [numbers[name] for name in key.delete_columns] or None,
        "condeferrable": key.is_deferrable,
        "condeferred": key.is_deferred,
        "convalidated": key.is_valid,
    }


def columns_of(expression: str, numbers: dict[str, int]) -> list[int]:
    """The columns that an expression names, in the order of the table; a function of that name counts too."""
    words = {quoted or word.lower() for quoted, word in _WORD.findall(expression)}
    return sorted(number for name, number in numbers.items() if name in words)


def _row(oid: int, name: str, kind: str, schemas: dict[str, int], table: Table) -> dict[str, object]:
    return {
        "oid": oid,
        "conname": name,
        "connamespace": schemas[table.schema],
        "contype": kind,
        "convalidated": True,
        "conrelid": table.oid,
        "confupdtype": " ",
        "confdeltype": " ",
        "confmatchtype": " ",
        "conislocal": True,
    }
