"""OperatorClass of an index key: whether the access method can work on the key's type."""

from __future__ import annotations

from sqlvec.core.errors import (
    DatatypeMismatch,
    InvalidParameterValue,
    ProgramLimitExceeded,
    UndefinedObject,
)
from sqlvec.core.schema import Column
from sqlvec.core.types.pg_type import PgType
from sqlvec.storage.pg_catalog.operator_class import operator_class

MOST_DIMENSIONS = 16_000  # of a vector column
_CHECKED = ("btree", "hash", "gin", "hnsw", "ivfflat")  # the methods whose classes are all listed
# pgvector's classes for types that are not here.
_FOREIGN = ("halfvec_", "bit_", "sparsevec_")


def check_operator_class(method: str, kind: PgType | None, name: str | None) -> None:
    """42704 where there is no such class, or no default; 42804 where it is another type's."""
    if kind is None or method not in _CHECKED:
        return
    found = operator_class(method, kind, name)
    if name is None:
        if found is None:
            raise UndefinedObject(
                f'data type {kind.sql_name} has no default operator class for access method "{method}"',
                hint="You must specify an operator class for the index or define a default operator class "
                "for the data type.",
            )
        return
    if found is None and not name.startswith(_FOREIGN):
        raise UndefinedObject(f'operator class "{name}" does not exist for access method "{method}"')
    if found is None or not _accepts(found.type_name, kind):
        raise DatatypeMismatch(f'operator class "{name}" does not accept data type {kind.sql_name}')


def check_dimensions(column: Column, method: str) -> None:
    """What a vector index asks of its column."""
    if column.typmod < 0:
        raise InvalidParameterValue("column does not have dimensions")
    if column.typmod > MOST_DIMENSIONS:
        raise ProgramLimitExceeded(
            f"column cannot have more than {MOST_DIMENSIONS} dimensions for {method} index"
        )


def _accepts(type_name: str, kind: PgType) -> bool:
    if type_name == "anyarray":
        return kind.is_array
    return type_name == kind.name or (type_name == "text" and kind.name in ("varchar", "name"))
