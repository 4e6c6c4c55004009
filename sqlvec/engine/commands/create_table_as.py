"""CREATE TABLE AS, and SELECT INTO."""

from __future__ import annotations

import pyarrow as pa

from sqlvec.core.errors import DuplicateColumn, FeatureNotSupported, SqlSyntaxError
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Column, Table
from sqlvec.planner import statements as st
from sqlvec.planner.modify import RowRules
from sqlvec.planner.plan import plan_query

from ..executor import run_query
from ..modify.row_changes import RowChanges
from ..modify.writer import RowWriter
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .create_table import check_case, create_storage
from .definitions import is_taken, new_oid, target_schema
from .permissions import check_plan
from .query import execution


def create_table_as(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateTableAs)
    if statement.temporary:
        raise FeatureNotSupported("temporary tables are not supported")
    state = session.transaction.begin_defining()
    schema = target_schema(session, statement.name)
    if is_taken(session, schema, statement.name, if_not_exists=statement.if_not_exists):
        return Done("CREATE TABLE AS")
    plan = plan_query(statement.query.tree, session.catalog, prepared.sql, prepared.parsed.parameter_count)
    check_plan(session, plan)
    stream = run_query(plan, execution(session, values))
    batches = list(stream)
    names = [*statement.columns, *(column.name for column in stream.columns[len(statement.columns) :])]
    if len(statement.columns) > len(stream.columns):
        raise SqlSyntaxError("too many column names were specified")
    columns = tuple(
        Column(name, c.type, c.typmod, number)
        for number, (name, c) in enumerate(zip(names, stream.columns, strict=False), 1)
    )
    if len(set(names)) != len(names):
        raise DuplicateColumn(
            f'column "{next(n for n in names if names.count(n) > 1)}" specified more than once'
        )
    table = Table(new_oid(session), schema, statement.name.name, columns)
    check_case(table)
    create_storage(session, table)
    session.transaction.define(state.with_object(table))
    if statement.with_data and batches:
        rows = pa.Table.from_batches(batches).rename_columns(names)
        RowWriter(session.transaction, table, RowRules(), RowChanges(session.transaction)).insert(rows)
        return Done(f"SELECT {rows.num_rows}")
    return Done("SELECT 0" if statement.with_data else "CREATE TABLE AS")
