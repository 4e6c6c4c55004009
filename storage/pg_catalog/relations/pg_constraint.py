"""pg_constraint: primary keys, unique constraints and checks; conbin holds what pg_get_expr() prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlvec.core.schema import Table

from ..catalog_names import schema_oids
from ..context import CatalogContext
from ..expressions import printed
from ..relation import Row
from ..table_index import attributes

_WORD = re.compile(r"'(?:[^']|'')*'|\"([^\"]+)\"|(\w+)")


def rows(context: CatalogContext) -> Iterator[Row]:
    schemas = schema_oids(context)
    for table in context.state.each(Table):
        numbers = {column.name: number for number, column in attributes(table)}
        for unique in table.uniques:
            if unique.is_constraint:
                yield _row(unique.oid, unique.name, "p" if unique.is_primary else "u", schemas, table) | {
                    "conindid": unique.index_oid,
                    "connoinherit": True,
                    "conkey": [numbers[name] for name in unique.columns],
                }
        for check in table.checks:
            yield _row(check.oid, check.name, "c", schemas, table) | {
                "conkey": columns_of(check.expression, numbers),
                "conbin": printed(check.expression),
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
