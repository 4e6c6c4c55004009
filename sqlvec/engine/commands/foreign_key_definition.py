"""ForeignKeyDefinition: REFERENCES as the client writes it, to a foreign key of the catalog."""

from __future__ import annotations

from sqlvec.core.errors import (
    DatatypeMismatch,
    FeatureNotSupported,
    InvalidColumnReference,
    InvalidForeignKey,
    ObjectNotInPrerequisiteState,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedObject,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.schema import Column, ForeignKey, Table, UniqueConstraint
from sqlvec.core.types.pg_type import PgType
from sqlvec.planner import statements as st

from ..locks.modes import Mode
from ..session import Session
from .definitions import new_oid

# From left to right PostgreSQL converts by itself; what is of one family has operators across its types.
_NUMBERS = ("int2", "int4", "int8", "numeric", "float4", "float8")
_FAMILIES = (
    frozenset(("int2", "int4", "int8")),
    frozenset(("float4", "float8")),
    frozenset(("text", "varchar", "bpchar", "name")),
    frozenset(("date", "timestamp", "timestamptz")),
)
_TO_OID = ("int2", "int4", "int8")


def make_foreign_key(session: Session, table: Table, constraint: st.ForeignKey, name: str) -> ForeignKey:
    """Of a table that may not be in the catalog yet; holds off writers of the referenced one."""
    parent = _parent(session, table, constraint.table)
    _check_columns(table, constraint)
    unique, keys = _referenced(parent, constraint)
    key = ForeignKey(
        new_oid(session),
        name,
        constraint.columns,
        parent.oid,
        keys,
        unique.oid,
        constraint.on_delete,
        constraint.on_update,
        constraint.delete_columns,
        constraint.is_full,
        constraint.deferrable,
        constraint.initially_deferred,
    )
    check_key_types(table, key, parent)
    return key


def _parent(session: Session, table: Table, name: st.Name) -> Table:
    if name.name == table.name and name.schema in (None, table.schema):
        return table
    while True:
        found = session.catalog.relation(name.schema, name.name)
        if found is None:
            shown = f"{name.schema}.{name.name}" if name.schema else name.name
            raise UndefinedTable(f'relation "{shown}" does not exist')
        if not isinstance(found, Table):
            raise WrongObjectType(f'referenced relation "{found.name}" is not a table')
        if found.oid == table.oid:
            return table
        if not session.transaction.lock_table(found.oid, Mode.SHARE_ROW_EXCLUSIVE):
            return found


def _check_columns(table: Table, constraint: st.ForeignKey) -> None:
    for name in (*constraint.columns, *constraint.delete_columns):
        column = _must_have(table, name)
        if column.generated is None or name not in constraint.columns:
            continue
        refused = {
            "UPDATE": constraint.on_update in ("SET NULL", "SET DEFAULT", "CASCADE"),
            "DELETE": constraint.on_delete in ("SET NULL", "SET DEFAULT"),
        }
        for event, is_refused in refused.items():
            if is_refused:
                raise SqlSyntaxError(
                    f"invalid ON {event} action for foreign key constraint containing generated column"
                )
    for name in constraint.delete_columns:
        if name not in constraint.columns:
            raise InvalidColumnReference(
                f'column "{name}" referenced in ON DELETE SET action must be part of foreign key'
            )


def _must_have(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(f'column "{name}" referenced in foreign key constraint does not exist')
    return column


def _referenced(parent: Table, constraint: st.ForeignKey) -> tuple[UniqueConstraint, tuple[str, ...]]:
    """The unique constraint behind the referenced columns, which may come in another order."""
    unique: UniqueConstraint | None
    if constraint.referenced:
        for name in constraint.referenced:
            _must_have(parent, name)
        keys = constraint.referenced
        unique = _matching(parent, keys) if len(set(keys)) == len(keys) else None
    else:
        unique = parent.primary_key
        if unique is None:
            raise UndefinedObject(f'there is no primary key for referenced table "{parent.name}"')
        keys = unique.columns
    if unique is not None and len(keys) != len(constraint.columns):
        raise InvalidForeignKey("number of referencing and referenced columns for foreign key disagree")
    if unique is None:
        raise InvalidForeignKey(
            f'there is no unique constraint matching given keys for referenced table "{parent.name}"'
        )
    if unique.is_deferrable:
        raise ObjectNotInPrerequisiteState(
            f'cannot use a deferrable unique constraint for referenced table "{parent.name}"'
        )
    return unique, keys


def _matching(parent: Table, keys: tuple[str, ...]) -> UniqueConstraint | None:
    found = [u for u in parent.uniques if set(u.columns) == set(keys) and u.where is None]
    return min(found, key=lambda unique: unique.is_deferrable, default=None)


def check_key_types(table: Table, key: ForeignKey, parent: Table) -> None:
    """42804 where the columns cannot be compared with the keys."""
    for name, referenced in zip(key.columns, key.keys, strict=True):
        mine, theirs = _must_have(table, name), _must_have(parent, referenced)
        if mine.type.is_array != theirs.type.is_array or not _is_comparable(mine.type, theirs.type):
            raise DatatypeMismatch(
                f'foreign key constraint "{key.name}" cannot be implemented',
                detail=f'Key columns "{name}" of the referencing table and "{referenced}" of the referenced '
                f"table are of incompatible types: {mine.type.sql_name} and {theirs.type.sql_name}.",
            )
        if mine.type.is_array or mine.type.name in ("vector", "jsonb"):
            raise FeatureNotSupported(f"foreign keys of type {mine.type.sql_name} are not supported")


def _is_comparable(mine: PgType, theirs: PgType) -> bool:
    if mine.oid == theirs.oid or any({mine.name, theirs.name} <= family for family in _FAMILIES):
        return True
    if mine.name in _NUMBERS and theirs.name in _NUMBERS:
        return _NUMBERS.index(mine.name) < _NUMBERS.index(theirs.name)
    return theirs.name == "oid" and mine.name in _TO_OID
