"""CREATE TABLE."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import DuplicateColumn, FeatureNotSupported, ReservedName
from sqlvec.core.outcome import Done
from sqlvec.core.schema import RID, Sequence, Table
from sqlvec.planner import statements as st

from ..modify.text import quote
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .column_definition import build_column, check_column_expressions
from .constraint_definition import add_constraint
from .definitions import is_taken, new_oid, target_schema
from .table_like import copy_columns
from .unique_index import create_unique_index


def create_table(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateTable)
    if statement.temporary:
        raise FeatureNotSupported("temporary tables are not supported")
    state = session.transaction.begin_defining()
    schema = target_schema(session, statement.name)
    if is_taken(session, schema, statement.name, if_not_exists=statement.if_not_exists):
        return Done("CREATE TABLE")
    table, sequences = build_table(session, statement, schema)
    create_storage(session, table)
    for sequence in sequences:
        state = state.with_object(sequence)
    session.transaction.define(state.with_object(table))
    return Done("CREATE TABLE")


def build_table(session: Session, statement: st.CreateTable, schema: str) -> tuple[Table, list[Sequence]]:
    table = Table(new_oid(session), schema, statement.name.name, ())
    sequences: list[Sequence] = []
    copied: list[st.TableConstraint] = []
    for index in range(len(statement.columns) + 1):
        for like in statement.likes:
            if like.index == index:
                table, added = copy_columns(session, table, like, sequences)
                copied += added
        if index == len(statement.columns):
            break
        definition, number = statement.columns[index], len(table.columns) + 1
        if table.column(definition.name) is not None:
            raise DuplicateColumn(
                f'column "{definition.name}" specified more than once', position=definition.position or None
            )
        column, sequence = build_column(session, table, definition, number)
        if sequence is not None:
            sequences.append(sequence)
        table = replace(table, columns=(*table.columns, column))
    check_case(table)
    # Foreign keys come last: they may reference the table itself.
    constraints = (*copied, *statement.constraints)
    for constraint in sorted(constraints, key=lambda each: isinstance(each, st.ForeignKey)):
        table = add_constraint(session, table, constraint)
    for column in table.columns:
        check_column_expressions(session, table, column)
    return table, sequences


def create_storage(session: Session, table: Table) -> None:
    """The table in DuckDB, with its unique indexes."""
    columns = ", ".join(f"{quote(column.name)} {column.duckdb_type}" for column in table.columns)
    separator = ", " if columns else ""
    session.transaction.write(f"CREATE TABLE {table.storage_name} ({columns}{separator}{RID} BIGINT)")
    for unique in table.uniques:
        create_unique_index(session, table, unique)


def check_case(table: Table) -> None:
    """DuckDB folds case: two columns that differ by case alone cannot live in one table."""
    folded = [column.name.lower() for column in table.columns]
    for column in table.columns:
        if folded.count(column.name.lower()) > 1:
            raise FeatureNotSupported(
                f'column names that differ only by case ("{column.name}") are not supported'
            )
        if column.name.lower() == RID:
            raise ReservedName(f'column name "{RID}" is reserved')
