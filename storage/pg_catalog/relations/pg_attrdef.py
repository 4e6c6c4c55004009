"""pg_attrdef: the defaults of columns, generated ones too; adbin holds what pg_get_expr() prints."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Column, Table

from ..context import CatalogContext
from ..expressions import default_text
from ..oids import default_oid
from ..relation import Row
from ..table_index import attributes


def defaults(context: CatalogContext) -> Iterator[tuple[Table, int, Column, str]]:
    """Table, attribute number, column and text of every default."""
    for table in context.state.each(Table):
        for number, column in attributes(table):
            text = default_text(column, context.state)
            if text is not None:
                yield table, number, column, text


def rows(context: CatalogContext) -> Iterator[Row]:
    for table, number, _, text in defaults(context):
        yield {
            "oid": default_oid(table.oid, number),
            "adrelid": table.oid,
            "adnum": number,
            "adbin": text,
        }
