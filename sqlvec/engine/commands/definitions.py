"""CREATE VIEW, SCHEMA, SEQUENCE, EXTENSION."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import (
    DuplicateColumn,
    DuplicateSchema,
    DuplicateTable,
    FeatureNotSupported,
    InsufficientPrivilege,
    InvalidParameterValue,
    InvalidSchemaName,
    InvalidTableDefinition,
    Notice,
    ObjectNotInPrerequisiteState,
    ReservedName,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Column, Schema, Sequence, Table, View
from sqlvec.core.types.text import TEXT
from sqlvec.planner import statements as st
from sqlvec.planner.plan import plan_query
from sqlvec.storage.catalog import FIRST_USER_OID, OID_COUNTER

from ..executor import describe
from ..prepared import Prepared
from ..role_lookup import must_find_role
from ..sequences import check_bounds
from ..session import Session
from ..session_catalog import SYSTEM_SCHEMAS
from ..values import ParameterValues

_RANGES = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_NAMES = {"int2": "smallint", "int4": "integer", "int": "integer", "int8": "bigint"}


def new_oid(session: Session) -> int:
    return session.store.counters.take(OID_COUNTER, first=FIRST_USER_OID)


def target_schema(session: Session, name: st.Name) -> str:
    """The schema that CREATE puts a name into."""
    if name.schema is None:
        found = session.catalog.creation_schema()
        if found is None:
            raise InvalidSchemaName("no schema has been selected to create in")
        return found.name
    if name.schema in SYSTEM_SCHEMAS:
        raise ReservedName(f'permission denied to create "{name.schema}.{name.name}"')
    if session.catalog.state.schema(name.schema) is None:
        raise InvalidSchemaName(f'schema "{name.schema}" does not exist', position=name.position or None)
    return name.schema


def is_taken(session: Session, schema: str, name: st.Name, *, if_not_exists: bool) -> bool:
    """Whether the relation exists: an error, or a notice under IF NOT EXISTS."""
    if not session.transaction.catalog.name_taken(schema, name.name):
        return False
    message = f'relation "{name.name}" already exists'
    if not if_not_exists:
        raise DuplicateTable(message)
    session.notice(Notice(f"{message}, skipping", sqlstate="42P07"))
    return True


def create_schema(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateSchema)
    state = session.transaction.begin_defining()
    name = statement.name
    if not name and statement.authorization is not None:
        name = must_find_role(session, statement.authorization).name
    if session.catalog.has_schema(name):
        message = f'schema "{name}" already exists'
        if not statement.if_not_exists:
            raise DuplicateSchema(message)
        session.notice(Notice(f"{message}, skipping", sqlstate="42P06"))
        return Done("CREATE SCHEMA")
    if name.startswith("pg_"):
        raise ReservedName(
            f'unacceptable schema name "{name}"',
            detail='The prefix "pg_" is reserved for system schemas.',
        )
    owner = statement.authorization
    role = must_find_role(session, owner).oid if owner is not None else session.role
    if not session.roster.may_set(session.role, role):
        raise InsufficientPrivilege(f'must be able to SET ROLE "{session.roster.name_of(role)}"')
    schema = Schema(new_oid(session), name)
    session.transaction.define(state.with_object(schema))
    session.transaction.define(state.with_object(replace(schema, owner_role=role)))
    return Done("CREATE SCHEMA")


def create_view(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateView)
    state = session.transaction.begin_defining()
    schema = target_schema(session, statement.name)
    old = state.relation(schema, statement.name.name)
    if old is not None and not isinstance(old, View) and statement.or_replace:
        raise WrongObjectType(f'"{statement.name.name}" is not a view')
    if old is None or not statement.or_replace:
        is_taken(session, schema, statement.name, if_not_exists=False)
    columns = _view_columns(session, statement)
    if isinstance(old, View):
        _check_replacement(old, columns)
    oid = old.oid if isinstance(old, View) else new_oid(session)
    view = View(oid, schema, statement.name.name, statement.text, columns, session.catalog.search_path)
    view = replace(view, options=statement.options)
    if isinstance(old, View):
        view = replace(view, owner_role=old.owner_role, acl=old.acl)
    session.transaction.define(state.with_object(view))
    return Done("CREATE VIEW")


def _view_columns(session: Session, statement: st.CreateView) -> tuple[Column, ...]:
    plan = plan_query(statement.query.tree, session.catalog, statement.text)
    found = describe(plan, session.cursor, session.context())
    names = [*statement.columns, *(column.name for column in found[len(statement.columns) :])]
    if len(statement.columns) > len(found):
        raise SqlSyntaxError("CREATE VIEW specifies more column names than columns")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise DuplicateColumn(f'column "{repeated}" specified more than once')
    return tuple(
        Column(name, column.type if column.type.name != "unknown" else TEXT, column.typmod, number)
        for number, (name, column) in enumerate(zip(names, found, strict=False), 1)
    )


def _check_replacement(old: View, columns: tuple[Column, ...]) -> None:
    if len(columns) < len(old.columns):
        raise InvalidTableDefinition("cannot drop columns from view")
    for before, after in zip(old.columns, columns, strict=False):
        if before.name != after.name:
            raise InvalidTableDefinition(
                f'cannot change name of view column "{before.name}" to "{after.name}"',
                hint="Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
            )
        if before.type.oid != after.type.oid:
            raise InvalidTableDefinition(
                f'cannot change data type of view column "{before.name}" '
                f"from {before.type.sql_name} to {after.type.sql_name}"
            )


def create_sequence(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateSequence)
    state = session.transaction.begin_defining()
    schema = target_schema(session, statement.name)
    if is_taken(session, schema, statement.name, if_not_exists=statement.if_not_exists):
        return Done("CREATE SEQUENCE")
    owner = sequence_owner(session, schema, statement.owned_by) if statement.owned_by is not None else None
    sequence = make_sequence(session, schema, statement.name.name, statement.options, owner)
    session.transaction.define(state.with_object(sequence))
    return Done("CREATE SEQUENCE")


def sequence_range(kind: str, increment: int) -> tuple[str, int, int]:
    """The type's SQL name, and the bounds of a sequence that counts in that direction."""
    kind = _NAMES.get(kind, kind)
    if kind not in _RANGES:
        raise InvalidParameterValue("sequence type must be smallint, integer, or bigint")
    highest = _RANGES[kind]
    return (kind, 1, highest) if increment > 0 else (kind, -highest - 1, -1)


def sequence_owner(session: Session, schema: str, owner: tuple[st.Name, str]) -> tuple[int, str]:
    """OWNED BY's table and column."""
    name, column = owner
    table = session.catalog.relation(name.schema, name.name)
    if table is None:
        raise UndefinedTable(f'relation "{name.name}" does not exist')
    if not isinstance(table, Table):
        raise WrongObjectType(f'sequence cannot be owned by relation "{name.name}"')
    if table.column(column) is None:
        raise UndefinedColumn(f'column "{column}" of relation "{table.name}" does not exist')
    if table.schema != schema:
        raise ObjectNotInPrerequisiteState("sequence must be in same schema as table it is linked to")
    return table.oid, column


def make_sequence(
    session: Session,
    schema: str,
    name: str,
    options: st.SequenceOptions,
    owner: tuple[int, str] | None = None,
) -> Sequence:
    """A sequence with PostgreSQL's defaults for what the options leave open."""
    increment = options.increment if options.increment is not None else 1
    kind, low, high = sequence_range(options.type_name or "bigint", increment)
    minimum = options.minimum if options.minimum is not None else low
    maximum = options.maximum if options.maximum is not None else high
    start = options.start if options.start is not None else (minimum if increment > 0 else maximum)
    sequence = Sequence(
        new_oid(session), schema, name, kind, start, increment, minimum, maximum, bool(options.cycle), owner
    )
    check_bounds(sequence)
    return sequence


def create_extension(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    """Vector is built in; the others that clients ask for are not there."""
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateExtension)
    if statement.name not in ("vector", "plpgsql", "uuid-ossp", "pgcrypto"):
        raise FeatureNotSupported(f'extension "{statement.name}" is not available')
    if statement.if_not_exists:
        session.notice(Notice(f'extension "{statement.name}" already exists, skipping', sqlstate="42710"))
    return Done("CREATE EXTENSION")
