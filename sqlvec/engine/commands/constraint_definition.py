"""ConstraintDefinition: constraints as the client defines them, to constraints of the catalog."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import (
    DuplicateObject,
    FeatureNotSupported,
    InvalidTableDefinition,
    UndefinedColumn,
)
from sqlvec.core.schema import CheckConstraint, Table, UniqueConstraint
from sqlvec.planner import statements as st
from sqlvec.planner.expressions import check_expression

from ..naming import choose_name
from ..session import Session
from .definitions import new_oid


def add_constraint(session: Session, table: Table, constraint: st.TableConstraint) -> Table:
    """The table with one more constraint; the storage follows."""
    match constraint:
        case st.PrimaryKey() | st.Unique():
            return _add_unique(session, table, constraint)
        case st.Check():
            return _add_check(session, table, constraint)
        case st.ForeignKey():
            raise FeatureNotSupported("foreign key constraints are not supported")


def _add_unique(session: Session, table: Table, constraint: st.PrimaryKey | st.Unique) -> Table:
    is_primary = isinstance(constraint, st.PrimaryKey)
    if isinstance(constraint, st.Unique) and constraint.nulls_not_distinct:
        raise FeatureNotSupported("NULLS NOT DISTINCT is not supported")
    if is_primary and table.primary_key is not None:
        raise InvalidTableDefinition(
            f'multiple primary keys for table "{table.name}" are not allowed',
            position=constraint.position or None,
        )
    for name in constraint.columns:
        _check_key_column(table, name, constraint.position)
    keys, label = ("", "pkey") if is_primary else ("_".join(constraint.columns), "key")
    state, taken = session.transaction.catalog, constraint_names(table)
    name = constraint.name or choose_name(state, table.schema, table.name, keys, label, taken=taken)
    if name in taken or state.name_taken(table.schema, name):
        raise DuplicateObject(f'relation "{name}" already exists')
    unique = UniqueConstraint(new_oid(session), name, constraint.columns, new_oid(session), is_primary)
    columns = table.columns
    if is_primary:
        columns = tuple(replace(c, not_null=True) if c.name in constraint.columns else c for c in columns)
    return replace(table, columns=columns, uniques=(*table.uniques, unique))


def constraint_names(table: Table) -> set[str]:
    names = {unique.name for unique in table.uniques} | {check.name for check in table.checks}
    return names | {index.name for index in table.indexes}


def _check_key_column(table: Table, name: str, position: int) -> None:
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(f'column "{name}" named in key does not exist', position=position or None)
    if column.type.is_array or column.type.name in ("json", "jsonb", "vector"):
        raise FeatureNotSupported(f"unique keys of type {column.type.sql_name} are not supported")


def _add_check(session: Session, table: Table, constraint: st.Check) -> Table:
    column = constraint.column or _only_column(table, constraint.expression.text, constraint)
    taken = constraint_names(table)
    name = constraint.name or choose_name(
        session.transaction.catalog, table.schema, table.name, column or "", "check", taken=taken
    )
    if name in taken:
        raise DuplicateObject(f'constraint "{name}" for relation "{table.name}" already exists')
    check_expression(session.catalog, constraint.expression.text, table, None)
    check = CheckConstraint(new_oid(session), name, constraint.expression.text)
    return replace(table, checks=(*table.checks, check))


def _only_column(table: Table, text: str, constraint: st.Check) -> str | None:
    """PostgreSQL names a table CHECK after its column when it reads just one."""
    names = {found.name.lower() for found in constraint.expression.tree.find_all(exp.Column)}
    return names.pop() if len(names) == 1 else None
