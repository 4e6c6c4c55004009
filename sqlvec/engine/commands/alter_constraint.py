"""ALTER TABLE's actions on constraints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlvec.core.errors import CheckViolation, DuplicateTable, Notice, UndefinedObject, WrongObjectType
from sqlvec.core.schema import CheckConstraint, ForeignKey, Table, UniqueConstraint
from sqlvec.planner import statements as st
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.planner.stored import condition

from ..modify.foreign_key_check import check_table
from ..session import Session
from .constraint_definition import add_constraint, must_be_free
from .dependents import drop_dependents, references_to_key
from .index_adoption import adopt_index
from .reshaping import check_not_null, define, must_have
from .unique_index import drop_unique_index, make_unique


def add_constraint_to(session: Session, table: Table, action: st.AddConstraint) -> None:
    """ADD CONSTRAINT, over rows that are there already."""
    constraint = action.constraint
    if isinstance(constraint, st.PrimaryKey | st.Unique) and constraint.index is not None:
        adopt_index(session, table, constraint)
        return
    changed = add_constraint(session, table, constraint)
    for unique in changed.uniques[len(table.uniques) :]:
        if unique.is_primary:
            for name in unique.columns:
                check_not_null(session, changed, must_have(changed, name))
        make_unique(session, changed, unique)
    for check in changed.checks[len(table.checks) :]:
        if action.not_valid:
            changed = replace(changed, checks=(*table.checks, replace(check, is_valid=False)))
        else:
            _check_rows(session, changed, check)
    for key in changed.foreign_keys[len(table.foreign_keys) :]:
        if action.not_valid:
            changed = replace(changed, foreign_keys=(*table.foreign_keys, replace(key, is_valid=False)))
        else:
            check_table(session.transaction, changed, key)
    define(session, changed)


def _check_rows(session: Session, table: Table, check: CheckConstraint) -> None:
    node = condition(session.catalog, table, check.expression)
    sql = f"SELECT 1 FROM {table.storage_name} AS {NEW_ROWS} WHERE NOT ({sql_of(node)}) LIMIT 1"
    if session.cursor.rows(sql):
        raise CheckViolation(
            f'check constraint "{check.name}" of relation "{table.name}" is violated by some row',
            schema=table.schema,
            table=table.name,
            constraint=check.name,
        )


_Constraint = UniqueConstraint | CheckConstraint | ForeignKey


def _find(table: Table, name: str) -> _Constraint | None:
    uniques = (unique for unique in table.uniques if unique.is_constraint)
    constraints: tuple[_Constraint, ...] = (*uniques, *table.checks, *table.foreign_keys)
    return next((constraint for constraint in constraints if constraint.name == name), None)


def _must_find(table: Table, name: str) -> _Constraint:
    found = _find(table, name)
    if found is None:
        raise UndefinedObject(f'constraint "{name}" of relation "{table.name}" does not exist')
    return found


def _exchanged(table: Table, old: _Constraint, *new: _Constraint) -> Table:
    """The table with a constraint replaced, or without it."""

    def swap(constraints: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(one for each in constraints for one in (new if each is old else (each,)))

    return replace(
        table,
        uniques=swap(table.uniques),
        checks=swap(table.checks),
        foreign_keys=swap(table.foreign_keys),
    )


def _validate(session: Session, table: Table, action: st.ValidateConstraint) -> None:
    found = _must_find(table, action.name)
    match found:
        case CheckConstraint():
            _check_rows(session, table, found)
        case ForeignKey():
            check_table(session.transaction, table, found)
        case UniqueConstraint():
            raise WrongObjectType(
                f'constraint "{found.name}" of relation "{table.name}" '
                "is not a foreign key or check constraint"
            )
    define(session, _exchanged(table, found, replace(found, is_valid=True)))


def _drop_constraint(session: Session, table: Table, action: st.DropConstraint) -> None:
    found = _find(table, action.name)
    if found is None:
        message = f'constraint "{action.name}" of relation "{table.name}" does not exist'
        if not action.if_exists:
            raise UndefinedObject(message)
        session.notice(Notice(f"{message}, skipping"))
        return
    if isinstance(found, UniqueConstraint):
        label = f"constraint {found.name} on table {table.name}"
        dependents = references_to_key(session, table, found)
        drop_dependents(session, label, dependents, cascade=action.cascade)
        drop_unique_index(session, found)
    # The foreign keys that went with it may have been the table's own.
    current = session.transaction.catalog.table(table.oid)
    define(session, _exchanged(current, found))


def _rename_constraint(session: Session, table: Table, action: st.RenameConstraint) -> None:
    found = _find(table, action.old)
    if found is None:
        raise UndefinedObject(f'constraint "{action.old}" for table "{table.name}" does not exist')
    must_be_free(table, action.new)
    if isinstance(found, UniqueConstraint) and session.transaction.catalog.name_taken(
        table.schema, action.new
    ):
        raise DuplicateTable(f'relation "{action.new}" already exists')
    define(session, _exchanged(table, found, replace(found, name=action.new)))


def _alter_constraint(session: Session, table: Table, action: st.AlterConstraint) -> None:
    found = _must_find(table, action.name)
    if not isinstance(found, ForeignKey):
        raise WrongObjectType(
            f'constraint "{action.name}" of relation "{table.name}" is not a foreign key constraint'
        )
    changed = replace(found, is_deferrable=action.deferrable, is_deferred=action.initially_deferred)
    define(session, _exchanged(table, found, changed))


CONSTRAINT_ACTIONS: dict[type[Any], Callable[[Session, Table, Any], None]] = {
    st.AddConstraint: add_constraint_to,
    st.DropConstraint: _drop_constraint,
    st.RenameConstraint: _rename_constraint,
    st.ValidateConstraint: _validate,
    st.AlterConstraint: _alter_constraint,
}
