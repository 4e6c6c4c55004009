"""pg_attribute: the columns of tables, indexes, views and system relations; no system columns."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Column, Index, IndexColumn, Sequence, Table, View
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import type_by_name

from ..acl_text import printed
from ..context import CatalogContext
from ..expressions import default_text
from ..headers import HEADERS
from ..relation import Row
from ..table_index import attributes, indexes_of, key_names
from ..type_layout import collation_of, is_by_value, layout_of

_IDENTITIES = {"ALWAYS": "a", "BY DEFAULT": "d", None: ""}
_SEQUENCE_COLUMNS = (("last_value", "int8"), ("log_cnt", "int8"), ("is_called", "bool"))


def fixed(database: str) -> Iterator[Row]:
    for header in HEADERS.values():
        for column in header.columns:
            yield _attribute(header.oid, column.number, column.name, column.type, column.typmod) | {
                "attnotnull": column.not_null
            }


def rows(context: CatalogContext) -> Iterator[Row]:
    for item in context.state.objects.values():
        match item:
            case Table():
                for number, column in attributes(item):
                    yield _table_column(item.oid, number, column, context)
                for index in indexes_of(item):
                    yield from _index_columns(index, item)
            case View():
                for number, column in attributes(item):
                    yield _attribute(item.oid, number, column.name, column.type, column.typmod) | {
                        "attacl": printed(column.acl, context)
                    }
            case Sequence():
                for number, (name, kind) in enumerate(_SEQUENCE_COLUMNS, 1):
                    yield _attribute(item.oid, number, name, _must_type(kind), -1) | {"attnotnull": True}


def _attribute(relation: int, number: int, name: str, kind: PgType, typmod: int) -> dict[str, object]:
    layout = layout_of(kind)
    return {
        "attrelid": relation,
        "attname": name,
        "atttypid": kind.oid,
        "attstattarget": -1,
        "attlen": kind.length,
        "attnum": number,
        "attndims": 1 if kind.name.startswith("_") else 0,
        "attcacheoff": -1,
        "atttypmod": typmod,
        "attbyval": is_by_value(kind.length),
        "attalign": layout.align,
        "attstorage": layout.storage,
        "attislocal": True,
        "attcollation": collation_of(kind),
    }


def _table_column(relation: int, number: int, column: Column, context: CatalogContext) -> Row:
    return _attribute(relation, number, column.name, column.type, column.typmod) | {
        "attnotnull": column.not_null,
        "atthasdef": default_text(column, context.state) is not None,
        "attacl": printed(column.acl, context),
        "attidentity": _IDENTITIES[column.identity],
        "attgenerated": "" if column.generated is None else "s",
    }


def _index_columns(index: Index, table: Table) -> Iterator[Row]:
    keys = (*index.columns, *(IndexColumn(name) for name in index.include))
    for number, (name, key) in enumerate(zip(key_names(index), keys, strict=True), 1):
        column = None if key.column is None else table.column(key.column)
        if column is None:  # the type of an expression is known to the planner only
            yield _attribute(index.oid, number, name, _must_type("text"), -1)
        else:
            yield _attribute(index.oid, number, name, column.type, column.typmod)


def _must_type(name: str) -> PgType:
    kind = type_by_name(name)
    assert kind is not None
    return kind
