"""CREATE INDEX."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import (
    ActiveSqlTransaction,
    DuplicateTable,
    FeatureNotSupported,
    InvalidObjectDefinition,
    Notice,
    UndefinedColumn,
    UndefinedObject,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Column, Index, IndexColumn, Table, UniqueConstraint
from sqlvec.planner import statements as st
from sqlvec.planner.bind.names import UNNAMED, output_name
from sqlvec.planner.catalog import SystemRelation
from sqlvec.planner.expressions import bind_over, check_expression
from sqlvec.planner.modify import refuse_aggregates
from sqlvec.storage.index.attached import AttachedIndex
from sqlvec.storage.index.methods import METHODS

from ..locks.modes import Mode
from ..modify.deferral import must_not_be_pending
from ..modify.text import quote
from ..naming import choose_name
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .constraint_definition import constraint_names
from .definitions import new_oid
from .operator_class import check_dimensions, check_operator_class
from .relation_lock import lock_named
from .unique_index import make_unique

SCALAR_METHODS = ("btree", "hash", "gin", "gist", "brin", "spgist")


def create_index(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateIndex)
    transaction = session.transaction
    if statement.concurrently and (transaction.is_block or transaction.is_shared):
        raise ActiveSqlTransaction("CREATE INDEX CONCURRENTLY cannot run inside a transaction block")
    lock_named(session, [statement.table], Mode.SHARE)
    state = transaction.begin_defining()
    table = _table(session, statement)
    must_not_be_pending(transaction, table, "CREATE INDEX")
    name = statement.name or _default_name(session, table, statement)
    if state.name_taken(table.schema, name):
        message = f'relation "{name}" already exists'
        if not statement.if_not_exists:
            raise DuplicateTable(message)
        session.notice(Notice(f"{message}, skipping", sqlstate="42P07"))
        return Done("CREATE INDEX")
    index = _definition(session, table, statement, name)
    if statement.unique:
        session.transaction.define(
            state.with_object(
                _with_unique(session, table, index, nulls_not_distinct=statement.nulls_not_distinct)
            )
        )
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
    return choose_name(
        session.transaction.catalog, table.schema, table.name, names, "idx", taken=constraint_names(table)
    )


def _key_label(key: st.IndexColumn) -> str:
    if key.column is not None:
        return key.column
    assert key.expression is not None
    name = output_name(key.expression.tree)
    return "expr" if name == UNNAMED else name


def _definition(session: Session, table: Table, statement: st.CreateIndex, name: str) -> Index:
    if statement.method not in METHODS and statement.method not in SCALAR_METHODS:
        raise UndefinedObject(
            f'access method "{statement.method}" does not exist', position=statement.method_position or None
        )
    if statement.method in METHODS:
        _check_method(statement)
    keys = tuple(_key(session, table, key, statement.method) for key in statement.columns)
    for column in statement.include:
        _must_have(table, column)
    where = statement.where.text if statement.where is not None else None
    if where is not None:
        check_expression(session.catalog, where, table, None)
    index = Index(
        new_oid(session),
        name,
        statement.method,
        keys,
        statement.options,
        statement.include,
        where,
        statement.unique,
    )
    if index.is_vector_index:
        _check_vector_index(session, table, index)
    return index


def _must_have(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(f'column "{name}" does not exist')
    return column


def _key(session: Session, table: Table, key: st.IndexColumn, method: str) -> IndexColumn:
    if key.column is None:
        assert key.expression is not None
        refuse_aggregates(key.expression.tree, "index expressions")
        binder, value = bind_over(session.catalog, key.expression.text, table)
        if binder.is_volatile or key.expression.tree.find(exp.Rand) is not None:
            raise InvalidObjectDefinition("functions in index expression must be marked IMMUTABLE")
        check_operator_class(method, value.type, key.opclass)
        return IndexColumn(None, key.expression.text, key.opclass, key.descending, key.nulls_first)
    check_operator_class(method, _must_have(table, key.column).type, key.opclass)
    return IndexColumn(key.column, None, key.opclass, key.descending, key.nulls_first)


def _check_method(statement: st.CreateIndex) -> None:
    """What a vector method cannot do, asked before the keys' operator classes."""
    if len(statement.columns) != 1:
        raise FeatureNotSupported(f'access method "{statement.method}" does not support multicolumn indexes')
    if statement.include:
        raise FeatureNotSupported(f'access method "{statement.method}" does not support included columns')
    if statement.unique:
        raise FeatureNotSupported(f'access method "{statement.method}" does not support unique indexes')


def _check_vector_index(session: Session, table: Table, index: Index) -> None:
    key = index.columns[0]
    if key.column is None or index.where is not None:
        what = "expressions" if key.column is None else "a WHERE clause"
        raise FeatureNotSupported(f"vector indexes over {what} are not supported")
    column = _must_have(table, key.column)
    check_dimensions(column, index.method)
    METHODS[index.method].parse_options(dict(index.options))


def _with_unique(session: Session, table: Table, index: Index, *, nulls_not_distinct: bool) -> Table:
    """A unique index is a key; its definition is kept as well where the key does not say it all."""
    names = tuple(key.column for key in index.columns if key.column is not None)
    texts = tuple(key.expression or quote(key.column or "") for key in index.columns)
    is_plain = len(names) == len(index.columns)
    unique = UniqueConstraint(
        new_oid(session),
        index.name,
        names if is_plain else (),
        index.oid,
        is_constraint=False,
        nulls_not_distinct=nulls_not_distinct,
        expressions=() if is_plain else texts,
        where=index.where,
    )
    bare = Index(index.oid, index.name, "btree", tuple(IndexColumn(name) for name in names), unique=True)
    if index != bare:
        table = replace(table, indexes=(*table.indexes, index))
    make_unique(session, table, unique)
    return replace(table, uniques=(*table.uniques, unique))


def _build(session: Session, table: Table, index: Index) -> None:
    """Build now over committed rows, or in the background after a commit that has yet to show them."""
    transaction = session.transaction
    if (
        transaction.is_block
        or transaction.has_written(table.oid)
        or table.oid not in session.store.catalog.objects
    ):
        transaction.after_commit.append(lambda: session.store.maintenance.rebuild(table.oid, index.oid))
        return
    built: AttachedIndex = session.store.build_index(table, index, session.is_cancelled)
    session.check_cancelled()
    transaction.after_commit.append(lambda: session.store.attach(table.oid, built))
