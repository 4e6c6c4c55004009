"""DROP TABLE, VIEW, INDEX, SEQUENCE, SCHEMA, EXTENSION."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlvec.core.errors import (
    DependentObjectsStillExist,
    FeatureNotSupported,
    InvalidSchemaName,
    Notice,
    UndefinedObject,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Schema, Sequence, Table, View
from sqlvec.core.types.registry import type_by_name
from sqlvec.planner import statements as st

from ..locks.modes import Mode
from ..prepared import Prepared
from ..sequences import counter_name
from ..session import Session
from ..values import ParameterValues
from .dependents import HINT, defaults_over, drop_dependents
from .relation_lock import lock_named


def drop(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Drop)
    lock_named(session, statement.names, Mode.ACCESS_EXCLUSIVE)
    session.transaction.begin_defining()
    dropper = _DROPPERS.get(statement.kind)
    if dropper is None:
        raise FeatureNotSupported(f"DROP {statement.kind} is not supported")
    for name in statement.names:
        try:
            dropper(session, statement, name)
        except (UndefinedTable, UndefinedObject, InvalidSchemaName) as error:
            if not statement.if_exists:
                raise
            session.notice(Notice(f"{error.message}, skipping"))
    return Done(f"DROP {statement.kind}")


_LABELS = {Table: "table", View: "view", Sequence: "sequence"}


def _relation(
    session: Session, name: st.Name, kind: type[Table] | type[View] | type[Sequence]
) -> Table | View | Sequence:
    label = _LABELS[kind]
    found = session.catalog.relation(name.schema, name.name)
    if found is None and name.schema is not None and not session.catalog.has_schema(name.schema):
        raise InvalidSchemaName(f'schema "{name.schema}" does not exist')
    if found is None and session.catalog.index(name.schema, name.name) is not None:
        raise WrongObjectType(f'"{name.name}" is not a {label}', hint="Use DROP INDEX to remove an index.")
    if found is None:
        shown = f"{name.schema}.{name.name}" if name.schema else name.name
        raise UndefinedTable(f'{label} "{shown}" does not exist')
    if not isinstance(found, kind):
        actual = _LABELS.get(type(found), "system catalog")
        article = "an" if actual[0] in "aeiou" else "a"
        raise WrongObjectType(
            f'"{name.name}" is not a {label}', hint=f"Use DROP {actual.upper()} to remove {article} {actual}."
        )
    return found


def _drop_table(session: Session, statement: st.Drop, name: st.Name) -> None:
    table = _relation(session, name, Table)
    assert isinstance(table, Table)
    remove_table(session, table, cascade=statement.cascade)


def remove_table(session: Session, table: Table, *, cascade: bool) -> None:
    """The table, its sequences, and under CASCADE the views over it."""
    drop_dependents(session, table, f"table {table.name}", cascade=cascade)
    session.transaction.write(f"DROP TABLE {table.storage_name}")
    state = session.transaction.catalog.without(table.oid)
    for sequence in state.each(Sequence):
        if sequence.owner is not None and sequence.owner[0] == table.oid:
            state = state.without(sequence.oid)
            _forget_counter(session, sequence)
    session.transaction.define(state)


def _forget_counter(session: Session, sequence: Sequence) -> None:
    session.transaction.after_commit.append(lambda: session.store.counters.drop(counter_name(sequence.oid)))


def _drop_view(session: Session, statement: st.Drop, name: st.Name) -> None:
    view = _relation(session, name, View)
    assert isinstance(view, View)
    drop_dependents(session, view, f"view {view.name}", cascade=statement.cascade)
    session.transaction.define(session.transaction.catalog.without(view.oid))


def _drop_sequence(session: Session, statement: st.Drop, name: st.Name) -> None:
    sequence = _relation(session, name, Sequence)
    assert isinstance(sequence, Sequence)
    defaults = defaults_over(session, sequence)
    if defaults and not statement.cascade:
        details = [
            f"default value for column {column} of table {table.name} depends on sequence {sequence.name}"
            for table, column in defaults
        ]
        raise DependentObjectsStillExist(
            f"cannot drop sequence {sequence.name} because other objects depend on it",
            detail="\n".join(details),
            hint=HINT,
        )
    state = session.transaction.catalog.without(sequence.oid)
    for table, name_of_column in defaults:
        columns = tuple(
            replace(c, sequence_oid=None, default=None) if c.name == name_of_column else c
            for c in state.table(table.oid).columns
        )
        state = state.with_object(replace(state.table(table.oid), columns=columns))
    session.transaction.define(state)
    _forget_counter(session, sequence)


def _drop_index(session: Session, statement: st.Drop, name: st.Name) -> None:
    found = session.catalog.index(name.schema, name.name)
    if found is None:
        if session.catalog.relation(name.schema, name.name) is not None:
            raise WrongObjectType(f'"{name.name}" is not an index', hint="Use DROP TABLE to remove a table.")
        raise UndefinedObject(f'index "{name.name}" does not exist')
    table, oid = found
    unique = next((u for u in table.uniques if u.index_oid == oid), None)
    if unique is not None and unique.is_constraint:
        raise DependentObjectsStillExist(
            f"cannot drop index {name.name} because constraint {unique.name} "
            f"on table {table.name} requires it",
            hint=f"You can drop constraint {unique.name} on table {table.name} instead.",
        )
    if unique is not None:
        session.transaction.write(f"DROP INDEX i{oid}")
    changed = replace(
        table,
        uniques=tuple(u for u in table.uniques if u.index_oid != oid),
        indexes=tuple(i for i in table.indexes if i.oid != oid),
    )
    session.transaction.define(session.transaction.catalog.with_object(changed))


def _drop_schema(session: Session, statement: st.Drop, name: st.Name) -> None:
    schema = session.transaction.catalog.schema(name.name)
    if schema is None:
        raise InvalidSchemaName(f'schema "{name.name}" does not exist')
    members = [
        item
        for item in session.transaction.catalog.objects.values()
        if not isinstance(item, Schema) and item.schema == name.name
    ]
    if members and not statement.cascade:
        details = "\n".join(
            f"{_LABELS[type(m)]} {m.schema}.{m.name} depends on schema {name.name}" for m in members
        )
        raise DependentObjectsStillExist(
            f"cannot drop schema {name.name} because other objects depend on it",
            detail=details,
            hint="Use DROP ... CASCADE to drop the dependent objects too.",
        )
    for member in members:
        if member.oid not in session.transaction.catalog.objects:
            continue
        if isinstance(member, Table):
            remove_table(session, member, cascade=True)
        else:
            session.transaction.define(session.transaction.catalog.without(member.oid))
    session.transaction.define(session.transaction.catalog.without(schema.oid))


def _drop_extension(session: Session, statement: st.Drop, name: st.Name) -> None:
    if name.name in ("vector", "plpgsql"):
        raise DependentObjectsStillExist(f"cannot drop extension {name.name} because it is built in")
    raise UndefinedObject(f'extension "{name.name}" does not exist')


def _drop_type(session: Session, statement: st.Drop, name: st.Name) -> None:
    if type_by_name(name.name) is not None:
        raise DependentObjectsStillExist(
            f"cannot drop type {name.name} because it is required by the database system"
        )
    raise UndefinedObject(f'type "{name.name}" does not exist')


_DROPPERS: dict[str, Callable[[Session, st.Drop, st.Name], None]] = {
    "TABLE": _drop_table,
    "VIEW": _drop_view,
    "INDEX": _drop_index,
    "SEQUENCE": _drop_sequence,
    "SCHEMA": _drop_schema,
    "EXTENSION": _drop_extension,
    "TYPE": _drop_type,
}
