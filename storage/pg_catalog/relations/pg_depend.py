"""pg_depend: who goes with whom; clients read it for owned sequences, constraints' indexes, extensions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import ForeignKey, Sequence, Table

from ..catalog_names import schema_oids
from ..context import CatalogContext
from ..oids import PG_ATTRDEF, PG_CLASS, PG_CONSTRAINT, PG_EXTENSION, PG_TYPE, VECTOR_EXTENSION, default_oid
from ..relation import Row
from ..table_index import attributes, indexes_of
from .pg_attrdef import defaults
from .pg_constraint import columns_of
from .pg_type import TYPE_OIDS

_PG_NAMESPACE = 2615
_PG_AM = 2601
_AUTO, _INTERNAL, _NORMAL, _EXTENSION = "a", "i", "n", "e"


def fixed(database: str) -> Iterator[Row]:
    yield _row((PG_TYPE, TYPE_OIDS["vector"]), (PG_EXTENSION, VECTOR_EXTENSION), _EXTENSION)
    yield _row((_PG_AM, 16448), (PG_EXTENSION, VECTOR_EXTENSION), _EXTENSION)
    yield _row((_PG_AM, 16450), (PG_EXTENSION, VECTOR_EXTENSION), _EXTENSION)


def rows(context: CatalogContext) -> Iterator[Row]:
    schemas = schema_oids(context)
    for item in context.state.objects.values():
        if isinstance(item, Table):
            yield _row((PG_CLASS, item.oid), (_PG_NAMESPACE, schemas[item.schema]), _NORMAL)
            numbers = {column.name: number for number, column in attributes(item)}
            yield from _constraints(item, numbers, context)
            yield from _indexes(item, numbers)
        elif isinstance(item, Sequence):
            yield _row((PG_CLASS, item.oid), (_PG_NAMESPACE, schemas[item.schema]), _NORMAL)
            yield from _owner(item, context)
    for table, number, column, _ in defaults(context):
        kind = _AUTO if column.generated is None else _INTERNAL
        yield _row((PG_ATTRDEF, default_oid(table.oid, number)), (PG_CLASS, table.oid), kind, number)


def _constraints(table: Table, numbers: dict[str, int], context: CatalogContext) -> Iterator[Row]:
    for unique in table.uniques:
        if unique.is_constraint:
            yield _row((PG_CLASS, unique.index_oid), (PG_CONSTRAINT, unique.oid), _INTERNAL)
            for name in unique.columns:
                yield _row((PG_CONSTRAINT, unique.oid), (PG_CLASS, table.oid), _AUTO, numbers[name])
    for key in table.foreign_keys:
        yield from _foreign_key(table, key, numbers, context)
    for check in table.checks:
        for number in columns_of(check.expression, numbers):
            yield _row((PG_CONSTRAINT, check.oid), (PG_CLASS, table.oid), _AUTO, number)


def _foreign_key(
    table: Table, key: ForeignKey, numbers: dict[str, int], context: CatalogContext
) -> Iterator[Row]:
    """Goes with its columns; the parent's columns and its index cannot go before."""
    constraint = (PG_CONSTRAINT, key.oid)
    for name in key.columns:
        yield _row(constraint, (PG_CLASS, table.oid), _AUTO, numbers[name])
    parent = context.state.table(key.parent)
    theirs = {column.name: number for number, column in attributes(parent)}
    for name in key.keys:
        yield _row(constraint, (PG_CLASS, parent.oid), _NORMAL, theirs[name])
    unique = next(unique for unique in parent.uniques if unique.oid == key.unique)
    yield _row(constraint, (PG_CLASS, unique.index_oid), _NORMAL)


def _indexes(table: Table, numbers: dict[str, int]) -> Iterator[Row]:
    behind_constraints = {unique.index_oid for unique in table.uniques if unique.is_constraint}
    for index in indexes_of(table):
        if index.oid in behind_constraints:
            continue
        for name in (*(key.column for key in index.columns), *index.include):
            number = 0 if name is None else numbers.get(name, 0)
            yield _row((PG_CLASS, index.oid), (PG_CLASS, table.oid), _AUTO, number)


def _owner(sequence: Sequence, context: CatalogContext) -> Iterator[Row]:
    table = None if sequence.owner is None else context.state.objects.get(sequence.owner[0])
    if sequence.owner is None or not isinstance(table, Table):
        return
    for number, column in attributes(table):
        if column.name == sequence.owner[1]:
            kind = _AUTO if column.identity is None else _INTERNAL
            yield _row((PG_CLASS, sequence.oid), (PG_CLASS, table.oid), kind, number)


def _row(dependent: tuple[int, int], on: tuple[int, int], kind: str, column: int = 0) -> Row:
    return {
        "classid": dependent[0],
        "objid": dependent[1],
        "refclassid": on[0],
        "refobjid": on[1],
        "refobjsubid": column,
        "deptype": kind,
    }
