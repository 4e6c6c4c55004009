"""DROP TABLE, VIEW, INDEX, SEQUENCE, SCHEMA, EXTENSION."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
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
from sqlvec.storage.catalog import Relation

from ..locks.modes import Mode
from ..modify.deferral import must_not_be_pending
from ..prepared import Prepared
from ..sequences import counter_name
from ..session import Session
from ..values import ParameterValues
from .dependents import (
    HINT,
    Dependent,
    defaults_over,
    dependents_of,
    drop_all,
    drop_dependents,
    must_cascade,
    references_to_key,
)
from .relation_lock import lock_named
from .unique_index import drop_unique_index


def drop(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Drop)
    lock_named(session, statement.names, Mode.ACCESS_EXCLUSIVE)
    session.transaction.begin_defining()
    if statement.kind in ("TABLE", "VIEW"):
        _drop_relations(session, statement)
        return Done(f"DROP {statement.kind}")
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


def _drop_relations(session: Session, statement: st.Drop) -> None:
    """Tables or views: all at once, since they may need one another."""
    kind: type[Table] | type[View] = Table if statement.kind == "TABLE" else View
    doomed: dict[int, Table | View] = {}
    for name in statement.names:
        try:
            found = _relation(session, name, kind)
        except (UndefinedTable, InvalidSchemaName) as error:
            if not statement.if_exists:
                raise
            session.notice(Notice(f"{error.message}, skipping"))
            continue
        assert isinstance(found, Table | View)
        doomed[found.oid] = found
    _drop_together(session, doomed, cascade=statement.cascade)


def _drop_together(
    session: Session, doomed: dict[int, Table | View], *, cascade: bool, labels: Iterable[str] = ()
) -> None:
    """`labels` are of objects that go because of something else, and are told as well."""
    dependents: list[Dependent] = []
    for item in doomed.values():
        label = f"{_LABELS[type(item)]} {item.name}"
        dependents += dependents_of(session, item, label, doomed.keys())
    if dependents and not cascade:
        what = f"{dependents[0].reason} because other objects depend on it"
        if len(doomed) > 1:
            what = "desired object(s) because other objects depend on them"
        raise must_cascade(session, f"cannot drop {what}", dependents)
    drop_all(session, dependents, labels)
    for item in doomed.values():
        if isinstance(item, Table):
            must_not_be_pending(session.transaction, item, "DROP TABLE")
            _remove_table(session, item)
        else:
            session.transaction.define(session.transaction.catalog.without(item.oid))


def remove_table(session: Session, table: Table, *, cascade: bool) -> None:
    """A table alone, as DROP TABLE does it."""
    _drop_together(session, {table.oid: table}, cascade=cascade)


def _remove_table(session: Session, table: Table) -> None:
    """The table and its sequences; nobody references it any more, or who does goes as well."""
    for key in table.foreign_keys:  # a writer of the parent may look at this table's rows
        session.transaction.lock_table(key.parent, Mode.ACCESS_EXCLUSIVE)
    session.transaction.write(f"DROP TABLE {table.storage_name}")
    state = session.transaction.catalog.without(table.oid)
    for sequence in state.each(Sequence):
        if sequence.owner is not None and sequence.owner[0] == table.oid:
            state = state.without(sequence.oid)
            _forget_counter(session, sequence)
    session.transaction.define(state)


def _forget_counter(session: Session, sequence: Sequence) -> None:
    session.transaction.after_commit.append(lambda: session.store.counters.drop(counter_name(sequence.oid)))


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
        dependents = references_to_key(session, table, unique)
        drop_dependents(session, f"index {name.name}", dependents, cascade=statement.cascade)
        drop_unique_index(session, unique)
        table = session.transaction.catalog.table(table.oid)
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
    doomed = {member.oid: member for member in members if isinstance(member, Table | View)}
    if members and not statement.cascade:
        details = "\n".join(
            f"{label} depends on schema {name.name}" for label in _labels(members, doomed.keys())
        )
        raise DependentObjectsStillExist(
            f"cannot drop schema {name.name} because other objects depend on it",
            detail=details,
            hint="Use DROP ... CASCADE to drop the dependent objects too.",
        )
    _drop_together(session, doomed, cascade=True, labels=_labels(members, doomed.keys()))
    for member in members:
        if isinstance(member, Sequence):  # perhaps gone with its table
            session.transaction.define(session.transaction.catalog.without(member.oid))
    session.transaction.define(session.transaction.catalog.without(schema.oid))


def _labels(members: list[Relation], tables: Set[int]) -> list[str]:
    """Of all but the sequences that go with a table."""
    return [
        f"{_LABELS[type(member)]} {member.schema}.{member.name}"
        for member in members
        if not (isinstance(member, Sequence) and member.owner is not None and member.owner[0] in tables)
    ]


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
    "INDEX": _drop_index,
    "SEQUENCE": _drop_sequence,
    "SCHEMA": _drop_schema,
    "EXTENSION": _drop_extension,
    "TYPE": _drop_type,
}
