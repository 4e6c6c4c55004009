"""CREATE INDEX."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlvec.core.errors import (
    DatatypeMismatch,
    DuplicateTable,
    FeatureNotSupported,
    IntegrityConstraintViolation,
    InvalidParameterValue,
    Notice,
    ProgramLimitExceeded,
    UndefinedColumn,
    UndefinedObject,
    UndefinedTable,
    UniqueViolation,
    WrongObjectType,
)
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Column, Index, IndexColumn, Table, UniqueConstraint
from sqlvec.planner import statements as st
from sqlvec.planner.bind.names import UNNAMED, output_name
from sqlvec.planner.catalog import SystemRelation
from sqlvec.planner.expressions import bind_over, check_expression
from sqlvec.storage.index.attached import AttachedIndex
from sqlvec.storage.index.methods import METHODS
from sqlvec.storage.index.metric import OPCLASSES

from ..naming import choose_name
from ..prepared import Prepared
from ..values import ParameterValues
from .create_table import constraint_names, create_unique_index
from .definitions import new_oid

if TYPE_CHECKING:
    from ..session import Session

SCALAR_METHODS = ("btree", "hash", "gin", "gist", "brin", "spgist")


def create_index(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateIndex)
    state = session.transaction.begin_defining()
    table = _table(session, statement)
    name = statement.name or _default_name(session, table, statement)
    if state.name_taken(table.schema, name):
        message = f'relation "{name}" already exists'
        if not statement.if_not_exists:
            raise DuplicateTable(message)
        session.notice(Notice(f"{message}, skipping", sqlstate="42P07"))
        return Done("CREATE INDEX")
    index = _definition(session, table, statement, name)
    if statement.unique:
        session.transaction.define(state.with_object(_with_unique(session, table, index)))
        return Done("CREATE INDEX")
    session.transaction.define(state.with_object(replace(table, indexes=(*table.indexes, index))))
    if index.is_vector_index:
        _build(session, table, index)
    return Done("CREATE INDEX")


def _table(session: Session, statement: st.CreateIndex) -> Table:
    found = session.catalog.relation(statement.table.schema, statement.table.name)
    if found is None:
        raise UndefinedTable(f'relation "{statement.table.name}" does not exist')
    if not isinstance(found, Table):
        kind = "system catalog" if isinstance(found, SystemRelation) else "view"
        raise WrongObjectType(f'cannot create index on {kind} "{statement.table.name}"')
    return found


def _default_name(session: Session, table: Table, statement: st.CreateIndex) -> str:
    names = "_".join(_key_label(key) for key in statement.columns)
    return choose_name(session.transaction.catalog, table.schema, table.name, names, "idx", taken=constraint_names(table))


def _key_label(key: st.IndexColumn) -> str:
    if key.column is not None:
        return key.column
    assert key.expression is not None
    name = output_name(key.expression.tree)
    return "expr" if name == UNNAMED else name


def _definition(session: Session, table: Table, statement: st.CreateIndex, name: str) -> Index:
    if statement.method not in METHODS and statement.method not in SCALAR_METHODS:
        raise UndefinedObject(f'access method "{statement.method}" does not exist', position=statement.method_position or None)
    keys = tuple(_key(session, table, key) for key in statement.columns)
    for column in statement.include:
        _must_have(table, column)
    where = statement.where.text if statement.where is not None else None
    if where is not None:
        check_expression(session.catalog, where, table, None)
    index = Index(new_oid(session), name, statement.method, keys, statement.options, statement.include, where, statement.unique)
    if index.is_vector_index:
        _check_vector_index(session, table, index)
    return index


def _must_have(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(f'column "{name}" does not exist')
    return column


def _key(session: Session, table: Table, key: st.IndexColumn) -> IndexColumn:
    if key.column is None:
        assert key.expression is not None
        bind_over(session.catalog, key.expression.text, table)
        return IndexColumn(None, key.expression.text, key.opclass, key.descending, key.nulls_first)
    _must_have(table, key.column)
    return IndexColumn(key.column, None, key.opclass, key.descending, key.nulls_first)


def _check_vector_index(session: Session, table: Table, index: Index) -> None:
    if len(index.columns) != 1:
        raise FeatureNotSupported(f'access method "{index.method}" does not support multicolumn indexes')
    if index.include:
        raise FeatureNotSupported(f'access method "{index.method}" does not support included columns')
    if index.unique:
        raise FeatureNotSupported(f'access method "{index.method}" does not support unique indexes')
    key = index.columns[0]
    if key.column is None or index.where is not None:
        what = "expressions" if key.column is None else "a WHERE clause"
        raise FeatureNotSupported(f"vector indexes over {what} are not supported")
    column = _must_have(table, key.column)
    if not column.is_vector:
        raise UndefinedObject(
            f'data type {column.type.sql_name} has no default operator class for access method "{index.method}"',
            hint="You must specify an operator class for the index or define a default operator class for the data type.",
        )
    if column.typmod < 0:
        raise InvalidParameterValue("column does not have dimensions")
    _check_opclass(index, column)
    METHODS[index.method].parse_options(dict(index.options))


def _check_opclass(index: Index, column: Column) -> None:
    opclass = index.columns[0].opclass
    if opclass is None:
        return
    metric = OPCLASSES.get(opclass)
    if metric is None:
        if opclass.startswith(("halfvec_", "bit_", "sparsevec_")):
            raise DatatypeMismatch(f'operator class "{opclass}" does not accept data type {column.type.sql_name}')
        raise UndefinedObject(f'operator class "{opclass}" does not exist for access method "{index.method}"')
    if metric not in METHODS[index.method].metrics:
        raise UndefinedObject(f'operator class "{opclass}" does not exist for access method "{index.method}"')
    if column.typmod > 16_000:
        raise ProgramLimitExceeded(f"column cannot have more than 16000 dimensions for {index.method} index")


def _with_unique(session: Session, table: Table, index: Index) -> Table:
    names = tuple(key.column for key in index.columns if key.column is not None)
    if len(names) != len(index.columns) or index.where is not None:
        raise FeatureNotSupported("unique indexes over expressions or with WHERE are not supported")
    unique = UniqueConstraint(new_oid(session), index.name, names, index.oid, is_constraint=False)
    make_unique(session, table, unique)
    return replace(table, uniques=(*table.uniques, unique))


def make_unique(session: Session, table: Table, unique: UniqueConstraint) -> None:
    """Create the index that enforces a key over rows that are there already."""
    try:
        create_unique_index(session, table, unique)
    except IntegrityConstraintViolation as error:
        raise UniqueViolation(
            f'could not create unique index "{unique.name}"',
            detail=f"Key ({', '.join(unique.columns)}) is duplicated.",
            table=table.name,
            constraint=unique.name,
        ) from error


def _build(session: Session, table: Table, index: Index) -> None:
    """Build now over committed rows, or in the background after a commit that has yet to show them."""
    transaction = session.transaction
    if transaction.is_block or transaction.has_written(table.oid) or table.oid not in session.store.catalog.objects:
        transaction.after_commit.append(lambda: session.store.maintenance.rebuild(table.oid, index.oid))
        return
    built: AttachedIndex = session.store.build_index(table, index, session.is_cancelled)
    session.check_cancelled()
    transaction.after_commit.append(lambda: session.store.attach(table.oid, built))
