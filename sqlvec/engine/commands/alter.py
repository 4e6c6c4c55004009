"""ALTER TABLE, INDEX, VIEW, SEQUENCE, SCHEMA: which relation, and whose business an action is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlvec.core.errors import (
    DuplicateSchema,
    DuplicateTable,
    FeatureNotSupported,
    InvalidSchemaName,
    Notice,
    ReservedName,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Schema, Sequence, Table, View
from sqlvec.planner import statements as st
from sqlvec.planner.catalog import Relation

from ..locks.modes import Mode
from ..modify.deferral import must_not_be_pending
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .alter_column import COLUMN_ACTIONS
from .alter_constraint import CONSTRAINT_ACTIONS
from .alter_sequence import IDENTITY_ACTIONS, alter_sequence
from .owned import set_owner
from .policy import ROW_SECURITY_ACTIONS
from .relation_lock import lock_named
from .reshaping import define

_TABLE_ACTIONS: dict[type[Any], Callable[[Session, Table, Any], None]] = {
    **COLUMN_ACTIONS,
    **CONSTRAINT_ACTIONS,
    **IDENTITY_ACTIONS,
    **ROW_SECURITY_ACTIONS,
}
_KINDS: dict[str, type[Table] | type[View] | type[Sequence]] = {"VIEW": View, "SEQUENCE": Sequence}


def alter(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Alter)
    lock_named(session, [statement.name], Mode.ACCESS_EXCLUSIVE)
    session.transaction.begin_defining()
    if statement.kind == "INDEX":
        _alter_index(session, statement)
    elif statement.kind == "SCHEMA":
        _alter_schema(session, statement)
    else:
        _alter_relation(session, statement)
    return Done(f"ALTER {statement.kind}")


def _alter_relation(session: Session, statement: st.Alter) -> None:
    found = session.catalog.relation(statement.name.schema, statement.name.name)
    if found is None:
        _missing(session, statement)
        return
    wanted = _KINDS.get(statement.kind)
    if wanted is not None and not isinstance(found, wanted):
        raise WrongObjectType(f'"{found.name}" is not a {statement.kind.lower()}')
    if isinstance(found, Table):
        must_not_be_pending(session.transaction, found, "ALTER TABLE")
    for action in statement.actions:
        current = session.transaction.catalog.objects.get(found.oid)
        if isinstance(action, st.SetOwner):
            if current is not None:
                set_owner(session, current, action.role)
        elif isinstance(action, st.SetViewOptions) and isinstance(current, View):
            _set_options(session, current, action)
        elif isinstance(action, st.RenameRelation | st.SetRelationSchema):
            _rename(session, current, action)
        elif isinstance(action, st.AlterSequence):
            assert isinstance(current, Sequence)
            alter_sequence(session, current, action)
        elif isinstance(current, Table):
            _TABLE_ACTIONS[type(action)](session, current, action)
        else:
            raise FeatureNotSupported(f"ALTER {statement.kind} with this action is not supported")


def _missing(session: Session, statement: st.Alter) -> None:
    message = f'relation "{statement.name.name}" does not exist'
    if not statement.if_exists:
        raise UndefinedTable(message, position=statement.name.position or None)
    session.notice(Notice(f"{message}, skipping"))


def _set_options(session: Session, view: View, action: st.SetViewOptions) -> None:
    options = {**dict(view.options), **dict(action.options)}
    kept = tuple((name, value) for name, value in options.items() if value is not None)
    session.transaction.define(session.transaction.catalog.with_object(replace(view, options=kept)))


def _rename(
    session: Session, found: Relation | Schema | None, action: st.RenameRelation | st.SetRelationSchema
) -> None:
    state = session.transaction.catalog
    if not isinstance(found, Table | View | Sequence):
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
        _missing(session, statement)
        return
    table, oid = found
    for action in statement.actions:
        if not isinstance(action, st.RenameRelation):
            raise FeatureNotSupported("ALTER INDEX can only rename")
        if session.transaction.catalog.name_taken(table.schema, action.new):
            raise DuplicateTable(f'relation "{action.new}" already exists')
        indexes = tuple(replace(i, name=action.new) if i.oid == oid else i for i in table.indexes)
        uniques = tuple(replace(u, name=action.new) if u.index_oid == oid else u for u in table.uniques)
        define(session, replace(table, indexes=indexes, uniques=uniques))


def _alter_schema(session: Session, statement: st.Alter) -> None:
    state = session.transaction.catalog
    schema = state.schema(statement.name.name)
    if schema is None:
        raise InvalidSchemaName(f'schema "{statement.name.name}" does not exist')
    for action in statement.actions:
        if isinstance(action, st.SetOwner):
            set_owner(session, schema, action.role)
            continue
        assert isinstance(action, st.RenameRelation)
        if session.catalog.has_schema(action.new):
            raise DuplicateSchema(f'schema "{action.new}" already exists')
        if action.new.startswith("pg_"):
            raise ReservedName(
                f'unacceptable schema name "{action.new}"',
                detail='The prefix "pg_" is reserved for system schemas.',
            )
        for item in list(state.objects.values()):
            if not isinstance(item, Schema) and item.schema == schema.name:
                state = state.with_object(replace(item, schema=action.new))
        session.transaction.define(state.with_object(replace(schema, name=action.new)))
