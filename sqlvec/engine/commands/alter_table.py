"""ALTER TABLE, INDEX, VIEW, SEQUENCE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlvec.core.errors import (
    CheckViolation,
    DependentObjectsStillExist,
    DuplicateColumn,
    DuplicateTable,
    FeatureNotSupported,
    InvalidSchemaName,
    InvalidTableDefinition,
    Notice,
    NotNullViolation,
    UndefinedColumn,
    UndefinedObject,
    UndefinedTable,
)
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Column, Sequence, Table, View
from sqlvec.planner import statements as st
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.planner.stored import condition, conversion, default_value, mentions, rename_in

from ..modify.writer import quote
from ..prepared import Prepared
from ..values import ParameterValues
from .create_index import make_unique
from .create_table import add_constraint, build_column, check_column_expressions, resolve_type

if TYPE_CHECKING:
    from ..session import Session


def alter(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Alter)
    session.transaction.begin_defining()
    tag = Done(f"ALTER {statement.kind}")
    if statement.kind == "INDEX":
        _alter_index(session, statement)
        return tag
    found = session.catalog.relation(statement.name.schema, statement.name.name)
    if found is None:
        message = f'relation "{statement.name.name}" does not exist'
        if not statement.if_exists:
            raise UndefinedTable(message, position=statement.name.position or None)
        session.notice(Notice(f"{message}, skipping"))
        return tag
    for action in statement.actions:
        current = session.transaction.catalog.objects.get(found.oid)
        if isinstance(action, (st.RenameRelation, st.SetRelationSchema)):
            _rename(session, current, action)
        elif isinstance(current, Table):
            _ALTERATIONS[type(action)](session, current, action)
        else:
            raise FeatureNotSupported(f"ALTER {statement.kind} with this action is not supported")
    return tag


def _define(session: Session, table: Table) -> None:
    session.transaction.define(session.transaction.catalog.with_object(table))


def _rebuilt(session: Session, table: Table) -> None:
    """The storage changed shape: snapshots are read again after the commit."""
    session.transaction.delta(table.oid).rebuilt = True


def _rename(session: Session, found: Any, action: st.RenameRelation | st.SetRelationSchema) -> None:
    state = session.transaction.catalog
    if not isinstance(found, (Table, View, Sequence)):
        raise FeatureNotSupported("system catalogs cannot be altered")
    schema = action.schema if isinstance(action, st.SetRelationSchema) else found.schema
    name = action.new if isinstance(action, st.RenameRelation) else found.name
    if state.schema(schema) is None:
        raise InvalidSchemaName(f'schema "{schema}" does not exist')
    if state.name_taken(schema, name) and (schema, name) != (found.schema, found.name):
        raise DuplicateTable(f'relation "{name}" already exists')
    session.transaction.define(state.with_object(replace(found, schema=schema, name=name)))


def _alter_index(session: Session, statement: st.Alter) -> None:
    found = session.catalog.index(statement.name.schema, statement.name.name)
    if found is None:
        message = f'relation "{statement.name.name}" does not exist'
        if not statement.if_exists:
            raise UndefinedTable(message)
        session.notice(Notice(f"{message}, skipping"))
        return
    table, oid = found
    for action in statement.actions:
        if not isinstance(action, st.RenameRelation):
            raise FeatureNotSupported("ALTER INDEX can only rename")
        if session.transaction.catalog.name_taken(table.schema, action.new):
            raise DuplicateTable(f'relation "{action.new}" already exists')
        indexes = tuple(replace(i, name=action.new) if i.oid == oid else i for i in table.indexes)
        uniques = tuple(replace(u, name=action.new) if u.index_oid == oid else u for u in table.uniques)
        _define(session, replace(table, indexes=indexes, uniques=uniques))


def _must_have(table: Table, name: str, position: int = 0) -> Column:
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(f'column "{name}" of relation "{table.name}" does not exist')
    return column


class _Reshaping:
    """DuckDB alters no table that has an index: take the unique indexes away and put them back."""

    def __init__(self, session: Session, table: Table) -> None:
        self._session = session
        self._table = table

    def __enter__(self) -> None:
        for unique in self._table.uniques:
            self._session.cursor.run(f"DROP INDEX i{unique.index_oid}")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            current = self._session.transaction.catalog.objects.get(self._table.oid)
            for unique in current.uniques if isinstance(current, Table) else ():
                make_unique(self._session, self._table, unique)


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
    with _Reshaping(session, table):
        session.cursor.run(f"ALTER TABLE {table.storage_name} ADD COLUMN {quote(column.name)} {column.duckdb_type}")
        _fill_column(session, changed, column)
        _define(session, changed)
    _rebuilt(session, table)
    for constraint in action.constraints:
        _add_constraint(session, _current(session, table), st.AddConstraint(constraint))
    if column.not_null:
        _check_not_null(session, changed, column)


def _current(session: Session, table: Table) -> Table:
    return session.transaction.catalog.table(table.oid)


def _fill_column(session: Session, table: Table, column: Column) -> None:
    """Existing rows take the default, the next numbers, or the generated value."""
    if column.sequence_oid is not None:
        rids = session.cursor.table(f"SELECT _sqlvec_rid AS rid FROM {table.storage_name} ORDER BY rid")
        numbers = session.sequences.next(column.sequence_oid, rids.num_rows)
        with session.cursor.registered({NEW_ROWS: rids.append_column("n", numbers)}):
            session.cursor.run(
                f"UPDATE {table.storage_name} SET {quote(column.name)} = n FROM {NEW_ROWS} WHERE _sqlvec_rid = rid"
            )
        return
    node = default_value(session.catalog, table, column)
    if node is not None:
        session.cursor.run(f"UPDATE {table.storage_name} AS {NEW_ROWS} SET {quote(column.name)} = {sql_of(node)}")


def _check_not_null(session: Session, table: Table, column: Column) -> None:
    if session.cursor.rows(f"SELECT 1 FROM {table.storage_name} WHERE {quote(column.name)} IS NULL LIMIT 1"):
        raise NotNullViolation(
            f'column "{column.name}" of relation "{table.name}" contains null values', table=table.name, column=column.name
        )


def _drop_column(session: Session, table: Table, action: st.DropColumn) -> None:
    if table.column(action.name) is None and action.if_exists:
        session.notice(Notice(f'column "{action.name}" of relation "{table.name}" does not exist, skipping'))
        return
    column = _must_have(table, action.name)
    _check_dependents(session, table, action)
    state = session.transaction.catalog
    if column.sequence_oid is not None:
        state = state.without(column.sequence_oid)
    changed = replace(
        table,
        columns=tuple(c for c in table.columns if c.name != action.name),
        uniques=tuple(u for u in table.uniques if action.name not in u.columns),
        checks=tuple(c for c in table.checks if not mentions(c.expression, action.name)),
        indexes=tuple(i for i in table.indexes if not any(k.column == action.name for k in i.columns)),
    )
    with _Reshaping(session, table):
        session.cursor.run(f"ALTER TABLE {table.storage_name} DROP COLUMN {quote(action.name)}")
        session.transaction.define(state.with_object(changed))
    _rebuilt(session, table)


def _check_dependents(session: Session, table: Table, action: st.DropColumn) -> None:
    """Generated columns and views that read the column."""
    for other in table.columns:
        if other.generated is not None and mentions(other.generated, action.name):
            raise DependentObjectsStillExist(
                f'cannot drop column {action.name} of table {table.name} because other objects depend on it',
                detail=f"column {other.name} of table {table.name} depends on column {action.name} of table {table.name}",
                hint="Use DROP ... CASCADE to drop the dependent objects too.",
            )


def _alter_type(session: Session, table: Table, action: st.AlterColumnType) -> None:
    column = _must_have(table, action.name)
    kind, typmod = resolve_type(action.type)
    target = replace(column, type=kind, typmod=typmod)
    node = conversion(session.catalog, table, column, target, action.using.text if action.using is not None else None)
    changed = replace(table, columns=tuple(target if c.name == column.name else c for c in table.columns))
    with _Reshaping(session, table):
        name = quote(column.name)
        # DuckDB's ALTER TYPE ... USING knows no table alias, so the values go through a second column.
        session.cursor.run(f"ALTER TABLE {table.storage_name} ADD COLUMN sqlvec_changed {target.duckdb_type}")
        session.cursor.run(f"UPDATE {table.storage_name} AS {NEW_ROWS} SET sqlvec_changed = {sql_of(node)}")
        session.cursor.run(f"ALTER TABLE {table.storage_name} DROP COLUMN {name}")
        session.cursor.run(f"ALTER TABLE {table.storage_name} RENAME COLUMN sqlvec_changed TO {name}")
        _define(session, changed)
    _rebuilt(session, table)


def _set_default(session: Session, table: Table, action: st.SetDefault) -> None:
    column = _must_have(table, action.name)
    text = action.default.text if action.default is not None else None
    changed = replace(column, default=text, sequence_oid=None if column.identity is None else column.sequence_oid)
    check_column_expressions(session, table, changed)
    _define(session, replace(table, columns=tuple(changed if c.name == column.name else c for c in table.columns)))


def _set_not_null(session: Session, table: Table, action: st.SetNotNull) -> None:
    column = _must_have(table, action.name)
    if action.not_null:
        _check_not_null(session, table, column)
    elif table.primary_key is not None and column.name in table.primary_key.columns:
        raise InvalidTableDefinition(f'column "{column.name}" is in a primary key')
    changed = replace(column, not_null=action.not_null)
    _define(session, replace(table, columns=tuple(changed if c.name == column.name else c for c in table.columns)))


def _add_constraint(session: Session, table: Table, action: st.AddConstraint) -> None:
    changed = add_constraint(session, table, action.constraint)
    for unique in changed.uniques[len(table.uniques) :]:
        if unique.is_primary:
            for name in unique.columns:
                _check_not_null(session, changed, _must_have(changed, name))
        make_unique(session, changed, unique)
    for check in changed.checks[len(table.checks) :]:
        node = condition(session.catalog, changed, check.expression)
        if session.cursor.rows(f"SELECT 1 FROM {table.storage_name} AS {NEW_ROWS} WHERE NOT ({sql_of(node)}) LIMIT 1"):
            raise CheckViolation(
                f'check constraint "{check.name}" of relation "{table.name}" is violated by some row',
                table=table.name,
                constraint=check.name,
            )
    _define(session, changed)


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
        session.cursor.run(f"DROP INDEX i{unique.index_oid}")
    _define(
        session,
        replace(
            table,
            uniques=tuple(u for u in table.uniques if u is not unique),
            checks=tuple(c for c in table.checks if c is not check),
        ),
    )


def _rename_column(session: Session, table: Table, action: st.RenameColumn) -> None:
    _must_have(table, action.old)
    if table.column(action.new) is not None:
        raise DuplicateColumn(f'column "{action.new}" of relation "{table.name}" already exists')
    changed = _renamed(table, action.old, action.new)
    with _Reshaping(session, table):
        session.cursor.run(f"ALTER TABLE {table.storage_name} RENAME COLUMN {quote(action.old)} TO {quote(action.new)}")
        _define(session, changed)
    _rebuilt(session, table)


def _renamed(table: Table, old: str, new: str) -> Table:
    def swap(name: str | None) -> str | None:
        return new if name == old else name

    def text(expression: str | None) -> str | None:
        return rename_in(expression, old, new) if expression is not None else None

    return replace(
        table,
        columns=tuple(replace(c, name=swap(c.name) or "", generated=text(c.generated)) for c in table.columns),
        uniques=tuple(replace(u, columns=tuple(swap(n) or "" for n in u.columns)) for u in table.uniques),
        checks=tuple(replace(c, expression=text(c.expression) or "") for c in table.checks),
        indexes=tuple(
            replace(i, columns=tuple(replace(k, column=swap(k.column), expression=text(k.expression)) for k in i.columns))
            for i in table.indexes
        ),
    )


def _rename_constraint(session: Session, table: Table, action: st.RenameConstraint) -> None:
    if not any(each.name == action.old for each in (*table.uniques, *table.checks)):
        raise UndefinedObject(f'constraint "{action.old}" for table "{table.name}" does not exist')
    uniques = tuple(replace(u, name=action.new) if u.name == action.old else u for u in table.uniques)
    checks = tuple(replace(c, name=action.new) if c.name == action.old else c for c in table.checks)
    _define(session, replace(table, uniques=uniques, checks=checks))


_ALTERATIONS: dict[type[Any], Callable[[Session, Table, Any], None]] = {
    st.AddColumn: _add_column,
    st.DropColumn: _drop_column,
    st.AlterColumnType: _alter_type,
    st.SetDefault: _set_default,
    st.SetNotNull: _set_not_null,
    st.AddConstraint: _add_constraint,
    st.DropConstraint: _drop_constraint,
    st.RenameColumn: _rename_column,
    st.RenameConstraint: _rename_constraint,
}
