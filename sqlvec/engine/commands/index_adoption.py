"""ADD CONSTRAINT ... USING INDEX: a unique index becomes a constraint."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import (
    Notice,
    ObjectNotInPrerequisiteState,
    SqlError,
    UndefinedObject,
    WrongObjectType,
)
from sqlvec.core.schema import Index, Table, UniqueConstraint
from sqlvec.planner import statements as st
from sqlvec.storage.pg_catalog.table_index import index_of, key_options

from ..session import Session
from .constraint_definition import must_be_free, must_be_only_primary_key
from .reshaping import check_not_null, define, must_have
from .unique_index import drop_unique_index

_CANNOT = "Cannot create a primary key or unique constraint using such an index."


def adopt_index(session: Session, table: Table, constraint: st.PrimaryKey | st.Unique) -> None:
    """The index keeps its place in storage; it may get the constraint's name."""
    must_be_only_primary_key(table, constraint)
    try:
        unique = _adoptable(session, table, constraint.index or "")
    except SqlError as error:
        error.position = constraint.position or None
        raise
    name = constraint.name or unique.name
    if name != unique.name:
        must_be_free(table, name)
        session.notice(
            Notice(f'ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index "{unique.name}" to "{name}"')
        )
    adopted = replace(
        unique,
        name=name,
        is_constraint=True,
        is_primary=isinstance(constraint, st.PrimaryKey),
        is_deferrable=constraint.deferrable,
        is_deferred=constraint.initially_deferred,
    )
    if unique.is_stored and not adopted.is_stored:
        drop_unique_index(session, unique)
    columns = table.columns
    if adopted.is_primary:
        for column in adopted.columns:
            check_not_null(session, table, must_have(table, column))
        columns = tuple(replace(c, not_null=True) if c.name in adopted.columns else c for c in columns)
    uniques = tuple(adopted if each is unique else each for each in table.uniques)
    indexes = tuple(replace(i, name=name) if i.oid == unique.index_oid else i for i in table.indexes)
    define(session, replace(table, columns=columns, uniques=uniques, indexes=indexes))


def _adoptable(session: Session, table: Table, name: str) -> UniqueConstraint:
    found = session.transaction.catalog.index(table.schema, name)
    if found is None:
        raise UndefinedObject(f'index "{name}" does not exist')
    owner, oid = found
    unique = next((u for u in table.uniques if u.index_oid == oid), None)
    if unique is not None and unique.is_constraint:
        raise ObjectNotInPrerequisiteState(f'index "{name}" is already associated with a constraint')
    if owner.oid != table.oid:
        raise ObjectNotInPrerequisiteState(f'index "{name}" does not belong to table "{table.name}"')
    index = index_of(table, oid)
    if unique is None or index is None:
        raise WrongObjectType(f'"{name}" is not a unique index', detail=_CANNOT)
    if unique.expressions:
        raise WrongObjectType(f'index "{name}" contains expressions', detail=_CANNOT)
    if unique.where is not None:
        raise WrongObjectType(f'"{name}" is a partial index', detail=_CANNOT)
    _must_sort_by_default(index)
    return unique


def _must_sort_by_default(index: Index) -> None:
    for number, key in enumerate(index.columns, 1):
        if key_options(key):
            raise WrongObjectType(
                f'index "{index.name}" column number {number} does not have default sorting behavior',
                detail=_CANNOT,
            )
