"""ALTER TABLE's actions on columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlvec.core.errors import (
    DuplicateColumn,
    InvalidTableDefinition,
    Notice,
    UndefinedColumn,
)
from sqlvec.core.schema import RID, Column, ForeignKey, Table
from sqlvec.planner import statements as st
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.planner.stored import default_value, mentions, rename_in

from ..modify.text import quote
from ..session import Session
from .alter_column_type import alter_column_type
from .alter_constraint import add_constraint_to
from .column_definition import build_column, check_column_expressions
from .dependents import Dependent, drop_all, must_cascade, views_over_column
from .reshaping import Reshaping, check_not_null, current, define, must_have, with_column


def _add_column(session: Session, table: Table, action: st.AddColumn) -> None:
    if table.column(action.column.name) is not None:
        message = f'column "{action.column.name}" of relation "{table.name}" already exists'
        if not action.if_not_exists:
            raise DuplicateColumn(message)
        session.notice(Notice(f"{message}, skipping", sqlstate="42701"))
        return
    number = max((column.number for column in table.columns), default=0) + 1
    column, sequence = build_column(session, table, action.column, number)
    if sequence is not None:
        session.transaction.define(session.transaction.catalog.with_object(sequence))
    changed = replace(table, columns=(*table.columns, column))
    check_column_expressions(session, changed, column)
    with Reshaping(session, table):
        session.transaction.write(
            f"ALTER TABLE {table.storage_name} ADD COLUMN {quote(column.name)} {column.duckdb_type}"
        )
        _fill_column(session, changed, column)
        define(session, changed)
    for constraint in action.constraints:
        add_constraint_to(session, current(session, table), st.AddConstraint(constraint))
    if column.not_null:
        check_not_null(session, changed, column)


def _fill_column(session: Session, table: Table, column: Column) -> None:
    """Existing rows take the default, the next numbers, or the generated value."""
    if column.sequence_oid is not None:
        rids = session.cursor.table(f"SELECT {RID} AS rid FROM {table.storage_name} ORDER BY rid")
        numbers = session.sequences.next(column.sequence_oid, rids.num_rows)
        session.transaction.write(
            f"UPDATE {table.storage_name} SET {quote(column.name)} = n FROM {NEW_ROWS} WHERE {RID} = rid",
            {NEW_ROWS: rids.append_column("n", numbers)},
        )
        return
    node = default_value(session.catalog, table, column)
    if node is not None:
        session.transaction.write(
            f"UPDATE {table.storage_name} AS {NEW_ROWS} SET {quote(column.name)} = {sql_of(node)}"
        )


def _drop_column(session: Session, table: Table, action: st.DropColumn) -> None:
    if table.column(action.name) is None and action.if_exists:
        message = f'column "{action.name}" of relation "{table.name}" does not exist, skipping'
        session.notice(Notice(message))
        return
    column = must_have(table, action.name)
    _drop_dependents(session, table, action)
    state = session.transaction.catalog
    table = state.table(table.oid)  # perhaps without a foreign key that went with the column
    if column.sequence_oid is not None:
        state = state.without(column.sequence_oid)
    changed = _without_column(table, action.name)
    with Reshaping(session, table):
        for gone in table.columns:
            if changed.column(gone.name) is None:
                session.transaction.write(f"ALTER TABLE {table.storage_name} DROP COLUMN {quote(gone.name)}")
        session.transaction.define(state.with_object(changed))


def _without_column(table: Table, name: str) -> Table:
    """With neither the column nor what is made of it."""

    def uses(columns: Iterable[str | None], *texts: str | None) -> bool:
        return name in columns or any(text is not None and mentions(text, name) for text in texts)

    return replace(
        table,
        columns=tuple(c for c in table.columns if c.name != name and not _is_made_of(c, name)),
        uniques=tuple(u for u in table.uniques if not uses(u.columns, u.where, *u.expressions)),
        checks=tuple(c for c in table.checks if not mentions(c.expression, name)),
        indexes=tuple(
            i
            for i in table.indexes
            if not uses([k.column for k in i.columns], i.where, *(k.expression for k in i.columns))
        ),
        foreign_keys=tuple(f for f in table.foreign_keys if name not in f.columns),
    )


def _is_made_of(column: Column, name: str) -> bool:
    return column.generated is not None and mentions(column.generated, name)


def _drop_dependents(session: Session, table: Table, action: st.DropColumn) -> None:
    """Generated columns, views and foreign keys that need the column: an error, or dropped with it."""
    label = f"column {action.name} of table {table.name}"
    generated = [column for column in table.columns if _is_made_of(column, action.name)]
    dependents = [Dependent(view, label) for view in views_over_column(session, table, action.name)]
    for child, key in session.transaction.catalog.references_to(table.oid):
        goes_anyway = child.oid == table.oid and action.name in key.columns
        if action.name in key.keys and not goes_anyway:
            dependents.append(Dependent((child, key), label))
    if (generated or dependents) and not action.cascade:
        first = (f"column {other.name} of table {table.name} depends on {label}" for other in generated)
        message = f"cannot drop {label} because other objects depend on it"
        raise must_cascade(session, message, dependents, first)
    drop_all(session, dependents)


def _set_default(session: Session, table: Table, action: st.SetDefault) -> None:
    column = must_have(table, action.name)
    text = action.default.text if action.default is not None else None
    changed = replace(
        column, default=text, sequence_oid=None if column.identity is None else column.sequence_oid
    )
    check_column_expressions(session, table, changed)
    define(session, replace(table, columns=with_column(table, changed)))


def _set_not_null(session: Session, table: Table, action: st.SetNotNull) -> None:
    column = must_have(table, action.name)
    if action.not_null:
        check_not_null(session, table, column)
    elif table.primary_key is not None and column.name in table.primary_key.columns:
        raise InvalidTableDefinition(f'column "{column.name}" is in a primary key')
    changed = replace(column, not_null=action.not_null)
    define(session, replace(table, columns=with_column(table, changed)))


def _rename_column(session: Session, table: Table, action: st.RenameColumn) -> None:
    if table.column(action.old) is None:
        raise UndefinedColumn(f'column "{action.old}" does not exist')
    if table.column(action.new) is not None:
        raise DuplicateColumn(f'column "{action.new}" of relation "{table.name}" already exists')
    changed = _renamed(table, action.old, action.new)
    with Reshaping(session, table):
        session.transaction.write(
            f"ALTER TABLE {table.storage_name} RENAME COLUMN {quote(action.old)} TO {quote(action.new)}"
        )
        define(session, changed)
    for child, key in session.transaction.catalog.references_to(table.oid):
        keys = tuple(action.new if name == action.old else name for name in key.keys)
        current_child = current(session, child)
        renamed = tuple(replace(f, keys=keys) if f.oid == key.oid else f for f in current_child.foreign_keys)
        define(session, replace(current_child, foreign_keys=renamed))


def _renamed(table: Table, old: str, new: str) -> Table:
    def swap(name: str | None) -> str | None:
        return new if name == old else name

    def text(expression: str | None) -> str | None:
        return rename_in(expression, old, new) if expression is not None else None

    return replace(
        table,
        columns=tuple(
            replace(c, name=swap(c.name) or "", generated=text(c.generated)) for c in table.columns
        ),
        uniques=tuple(
            replace(
                u,
                columns=tuple(swap(n) or "" for n in u.columns),
                expressions=tuple(text(each) or "" for each in u.expressions),
                where=text(u.where),
            )
            for u in table.uniques
        ),
        checks=tuple(replace(c, expression=text(c.expression) or "") for c in table.checks),
        indexes=tuple(
            replace(
                i,
                columns=tuple(
                    replace(k, column=swap(k.column), expression=text(k.expression)) for k in i.columns
                ),
                where=text(i.where),
            )
            for i in table.indexes
        ),
        foreign_keys=tuple(_with_renamed(key, old, new) for key in table.foreign_keys),
    )


def _with_renamed(key: ForeignKey, old: str, new: str) -> ForeignKey:
    columns, cleared = (
        tuple(new if name == old else name for name in names) for names in (key.columns, key.delete_columns)
    )
    return replace(key, columns=columns, delete_columns=cleared)


COLUMN_ACTIONS: dict[type[Any], Callable[[Session, Table, Any], None]] = {
    st.AddColumn: _add_column,
    st.DropColumn: _drop_column,
    st.AlterColumnType: alter_column_type,
    st.SetDefault: _set_default,
    st.SetNotNull: _set_not_null,
    st.RenameColumn: _rename_column,
}
