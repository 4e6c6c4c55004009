"""ConstraintDefinition: constraints as the client defines them, to constraints of the catalog."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import (
    DuplicateColumn,
    DuplicateObject,
    DuplicateTable,
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
from .foreign_key_definition import make_foreign_key


def add_constraint(session: Session, table: Table, constraint: st.TableConstraint) -> Table:
    """The table with one more constraint; the storage follows."""
    match constraint:
        case st.PrimaryKey() | st.Unique():
            return _add_unique(session, table, constraint)
        case st.Check():
            return _add_check(session, table, constraint)
        case st.ForeignKey():
            name = _constraint_name(session, table, constraint.name, constraint.columns, "fkey")
            key = make_foreign_key(session, table, constraint, name)
            return replace(table, foreign_keys=(*table.foreign_keys, key))


def _add_unique(session: Session, table: Table, constraint: st.PrimaryKey | st.Unique) -> Table:
    is_primary = isinstance(constraint, st.PrimaryKey)
    if constraint.index is not None:
        raise FeatureNotSupported(
            "cannot use an existing index in CREATE TABLE", position=constraint.position or None
        )
    is_new = table.oid not in session.transaction.catalog.objects
    must_be_only_primary_key(table, constraint, constraint.position if is_new else 0)
    _check_key_columns(table, constraint)
    unique = UniqueConstraint(
        new_oid(session),
        _key_name(session, table, constraint),
        constraint.columns,
        new_oid(session),
        is_primary,
        nulls_not_distinct=isinstance(constraint, st.Unique) and constraint.nulls_not_distinct,
        is_deferrable=constraint.deferrable,
        is_deferred=constraint.initially_deferred,
    )
    columns = table.columns
    if is_primary:
        columns = tuple(replace(c, not_null=True) if c.name in constraint.columns else c for c in columns)
    return replace(table, columns=columns, uniques=(*table.uniques, unique))


def must_be_only_primary_key(table: Table, constraint: st.TableConstraint, position: int = 0) -> None:
    if isinstance(constraint, st.PrimaryKey) and table.primary_key is not None:
        raise InvalidTableDefinition(
            f'multiple primary keys for table "{table.name}" are not allowed',
            position=position or None,
        )


def _key_name(session: Session, table: Table, constraint: st.PrimaryKey | st.Unique) -> str:
    is_primary = isinstance(constraint, st.PrimaryKey)
    keys, label = ("", "pkey") if is_primary else ("_".join(constraint.columns), "key")
    state, taken = session.transaction.catalog, constraint_names(table)
    name = constraint.name or choose_name(state, table.schema, table.name, keys, label, taken=taken)
    indexes = {unique.name for unique in table.uniques} | {index.name for index in table.indexes}
    if name in indexes or state.name_taken(table.schema, name):
        raise DuplicateTable(f'relation "{name}" already exists')
    must_be_free(table, name)
    return name


def must_be_free(table: Table, name: str) -> None:
    if name in constraint_names(table):
        raise DuplicateObject(f'constraint "{name}" for relation "{table.name}" already exists')


def constraint_names(table: Table) -> set[str]:
    """The names that a table's constraints and indexes have."""
    constraints = {key.name for key in table.keys} | {check.name for check in table.checks}
    return constraints | {index.name for index in table.indexes}


def _constraint_name(
    session: Session, table: Table, name: str | None, columns: tuple[str, ...], label: str
) -> str:
    """Of a constraint without an index, so that only the table's other constraints count."""
    if name is None:
        taken = constraint_names(table)
        state = session.transaction.catalog
        return choose_name(state, table.schema, table.name, "_".join(columns), label, taken=taken)
    must_be_free(table, name)
    return name


def _check_key_columns(table: Table, constraint: st.PrimaryKey | st.Unique) -> None:
    position = constraint.position or None
    for index, name in enumerate(constraint.columns):
        column = table.column(name)
        if column is None:
            raise UndefinedColumn(f'column "{name}" named in key does not exist', position=position)
        if name in constraint.columns[:index]:
            kind = "primary key" if isinstance(constraint, st.PrimaryKey) else "unique"
            raise DuplicateColumn(f'column "{name}" appears twice in {kind} constraint', position=position)
        if column.type.is_array or column.type.name in ("json", "jsonb", "vector"):
            raise FeatureNotSupported(f"unique keys of type {column.type.sql_name} are not supported")


def _add_check(session: Session, table: Table, constraint: st.Check) -> Table:
    is_new = table.oid not in session.transaction.catalog.objects
    if is_new and constraint.name in {check.name for check in table.checks}:
        raise DuplicateObject(f'check constraint "{constraint.name}" already exists')
    name = _constraint_name(session, table, constraint.name, _only_column(constraint), "check")
    check_expression(session.catalog, constraint.expression.text, table, None)
    check = CheckConstraint(new_oid(session), name, constraint.expression.text)
    return replace(table, checks=(*table.checks, check))


def _only_column(constraint: st.Check) -> tuple[str, ...]:
    """PostgreSQL names a CHECK after its column when it reads just one."""
    names = {found.name.lower() for found in constraint.expression.tree.find_all(exp.Column)}
    return tuple(names) if len(names) == 1 else ()
