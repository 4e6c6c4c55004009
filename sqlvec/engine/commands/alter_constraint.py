"""ALTER TABLE's actions on constraints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlvec.core.errors import CheckViolation, Notice, UndefinedObject
from sqlvec.core.schema import CheckConstraint, Table
from sqlvec.planner import statements as st
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.planner.stored import condition

from ..session import Session
from .constraint_definition import add_constraint, constraint_names
from .reshaping import check_not_null, define, must_have
from .unique_index import make_unique


def add_constraint_to(session: Session, table: Table, action: st.AddConstraint) -> None:
    """ADD CONSTRAINT, over rows that are there already."""
    changed = add_constraint(session, table, action.constraint)
    for unique in changed.uniques[len(table.uniques) :]:
        if unique.is_primary:
            for name in unique.columns:
                check_not_null(session, changed, must_have(changed, name))
        make_unique(session, changed, unique)
    for check in changed.checks[len(table.checks) :]:
        if action.not_valid:
            changed = replace(changed, checks=(*changed.checks[:-1], replace(check, is_valid=False)))
        else:
            _check_rows(session, changed, check)
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


def _validate(session: Session, table: Table, action: st.ValidateConstraint) -> None:
    check = next((check for check in table.checks if check.name == action.name), None)
    if check is None:
        if action.name in constraint_names(table):
            return
        raise UndefinedObject(f'constraint "{action.name}" of relation "{table.name}" does not exist')
    _check_rows(session, table, check)
    checks = tuple(replace(c, is_valid=True) if c is check else c for c in table.checks)
    define(session, replace(table, checks=checks))


def _drop_constraint(session: Session, table: Table, action: st.DropConstraint) -> None:
    unique = next((u for u in table.uniques if u.name == action.name and u.is_constraint), None)
    check = next((c for c in table.checks if c.name == action.name), None)
    if unique is None and check is None:
        message = f'constraint "{action.name}" of relation "{table.name}" does not exist'
        if not action.if_exists:
            raise UndefinedObject(message)
        session.notice(Notice(f"{message}, skipping"))
        return
    if unique is not None:
        session.transaction.write(f"DROP INDEX i{unique.index_oid}")
    define(
        session,
        replace(
            table,
            uniques=tuple(u for u in table.uniques if u is not unique),
            checks=tuple(c for c in table.checks if c is not check),
        ),
    )


def _rename_constraint(session: Session, table: Table, action: st.RenameConstraint) -> None:
    if action.old not in {u.name for u in table.uniques} | {c.name for c in table.checks}:
        raise UndefinedObject(f'constraint "{action.old}" for table "{table.name}" does not exist')
    uniques = tuple(replace(u, name=action.new) if u.name == action.old else u for u in table.uniques)
    checks = tuple(replace(c, name=action.new) if c.name == action.old else c for c in table.checks)
    define(session, replace(table, uniques=uniques, checks=checks))


CONSTRAINT_ACTIONS: dict[type[Any], Callable[[Session, Table, Any], None]] = {
    st.AddConstraint: add_constraint_to,
    st.DropConstraint: _drop_constraint,
    st.RenameConstraint: _rename_constraint,
    st.ValidateConstraint: _validate,
}
