"""CREATE TABLE and CREATE TABLE AS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from sqlvec.core.errors import (
    DuplicateColumn,
    DuplicateObject,
    FeatureNotSupported,
    InvalidTableDefinition,
    ReservedName,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedObject,
)
from sqlvec.core.outcome import Done
from sqlvec.core.schema import RID, CheckConstraint, Column, Sequence, Table, UniqueConstraint
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import INT2, INT4, INT8, array_of, type_by_name
from sqlvec.core.types.typmod import make_typmod
from sqlvec.planner import statements as st
from sqlvec.planner.expressions import check_expression
from sqlvec.planner.modify import RowRules
from sqlvec.planner.plan import plan_query

from ..executor import run_query
from ..modify.writer import RowWriter, quote
from ..naming import choose_name
from ..prepared import Prepared
from ..values import ParameterValues
from .definitions import is_taken, make_sequence, new_oid, target_schema
from .query import execution

if TYPE_CHECKING:
    from ..session import Session

_SERIALS: dict[str, PgType] = {
    "serial": INT4, "serial4": INT4, "bigserial": INT8, "serial8": INT8, "smallserial": INT2, "serial2": INT2,
}  # fmt: skip


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
    oid = new_oid(session)
    table = Table(oid, schema, statement.name.name, ())
    sequences: list[Sequence] = []
    for number, definition in enumerate(statement.columns, 1):
        if table.column(definition.name) is not None:
            raise DuplicateColumn(
                f'column "{definition.name}" specified more than once', position=definition.position or None
            )
        column, sequence = build_column(session, table, definition, number)
        if sequence is not None:
            sequences.append(sequence)
        table = replace(table, columns=(*table.columns, column))
    _check_case(table)
    for constraint in statement.constraints:
        table = add_constraint(session, table, constraint)
    for column in table.columns:
        check_column_expressions(session, table, column)
    return table, sequences


def _check_case(table: Table) -> None:
    """DuckDB folds case: two columns that differ by case alone cannot live in one table."""
    folded = [column.name.lower() for column in table.columns]
    for column in table.columns:
        if folded.count(column.name.lower()) > 1:
            raise FeatureNotSupported(f'column names that differ only by case ("{column.name}") are not supported')
        if column.name.lower() == RID:
            raise ReservedName(f'column name "{RID}" is reserved')


def build_column(session: Session, table: Table, definition: st.ColumnDefinition, number: int) -> tuple[Column, Sequence | None]:
    serial = _SERIALS.get(definition.type.name) if not definition.type.is_array else None
    kind, typmod = (serial, -1) if serial is not None else resolve_type(definition.type)
    default = definition.default.text if definition.default is not None else None
    generated = definition.generated.text if definition.generated is not None else None
    column = Column(definition.name, kind, typmod, number, definition.not_null, default, generated, definition.identity)
    if serial is None and definition.identity is None:
        return column, None
    _check_sequence_column(table, column, is_serial=serial is not None)
    name = choose_name(session.transaction.catalog, table.schema, table.name, definition.name, "seq")
    options = replace(definition.identity_options, type_name=kind.sql_name)
    sequence = make_sequence(session, table.schema, name, options, (table.oid, definition.name))
    return replace(column, not_null=True, sequence_oid=sequence.oid, default=None), sequence


def _check_sequence_column(table: Table, column: Column, *, is_serial: bool) -> None:
    if column.default is not None:
        what = "multiple default values" if is_serial else "both default and identity"
        raise SqlSyntaxError(f'{what} specified for column "{column.name}" of table "{table.name}"')
    if column.type not in (INT2, INT4, INT8):
        raise InvalidTableDefinition("identity column type must be smallint, integer, or bigint")


def resolve_type(name: st.TypeName) -> tuple[PgType, int]:
    """The type of a column definition; 42704 when there is none."""
    found = type_by_name(name.name)
    if found is None or found.name in ("unknown", "record", "void"):
        if found is not None:
            raise InvalidTableDefinition(f"column has pseudo-type {found.name}")
        raise UndefinedObject(f'type "{name.name}" does not exist', position=name.position or None)
    modifiers = name.modifiers
    if found.name == "bpchar" and name.name in ("char", "character") and not modifiers:
        modifiers = (1,)
    typmod = make_typmod(found, modifiers) if modifiers else -1
    if not name.is_array:
        return found, typmod
    array = array_of(found)
    if array is None:
        raise UndefinedObject(f'type "{name.name}[]" does not exist', position=name.position or None)
    return array, typmod


def check_column_expressions(session: Session, table: Table, column: Column) -> None:
    """Bind default and generation expressions once, so that errors come now."""
    if column.default is not None:
        check_expression(session.catalog, column.default, None, column)
    if column.generated is not None:
        if column.default is not None:
            raise SqlSyntaxError(
                f'both default and generation expression specified for column "{column.name}" of table "{table.name}"'
            )
        check_expression(session.catalog, column.generated, table, column)


def add_constraint(session: Session, table: Table, constraint: st.TableConstraint) -> Table:
    """The table with one more constraint; the storage follows."""
    match constraint:
        case st.PrimaryKey() | st.Unique():
            return _add_unique(session, table, constraint)
        case st.Check():
            return _add_check(session, table, constraint)
        case st.ForeignKey():
            raise FeatureNotSupported("foreign key constraints are not supported")


def _add_unique(session: Session, table: Table, constraint: st.PrimaryKey | st.Unique) -> Table:
    is_primary = isinstance(constraint, st.PrimaryKey)
    if isinstance(constraint, st.Unique) and constraint.nulls_not_distinct:
        raise FeatureNotSupported("NULLS NOT DISTINCT is not supported")
    if is_primary and table.primary_key is not None:
        raise InvalidTableDefinition(
            f'multiple primary keys for table "{table.name}" are not allowed', position=constraint.position or None
        )
    for name in constraint.columns:
        _check_key_column(table, name, constraint.position)
    default = choose_name(
        session.transaction.catalog, table.schema, table.name,
        "" if is_primary else "_".join(constraint.columns), "pkey" if is_primary else "key", taken=constraint_names(table),
    )  # fmt: skip
    name = constraint.name or default
    if name in constraint_names(table) or session.transaction.catalog.name_taken(table.schema, name):
        raise DuplicateObject(f'relation "{name}" already exists')
    unique = UniqueConstraint(new_oid(session), name, constraint.columns, new_oid(session), is_primary)
    columns = table.columns
    if is_primary:
        columns = tuple(replace(c, not_null=True) if c.name in constraint.columns else c for c in columns)
    return replace(table, columns=columns, uniques=(*table.uniques, unique))


def constraint_names(table: Table) -> set[str]:
    return {each.name for each in (*table.uniques, *table.checks, *table.indexes)}


def _check_key_column(table: Table, name: str, position: int) -> None:
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(f'column "{name}" named in key does not exist', position=position or None)
    if column.type.is_array or column.type.name in ("json", "jsonb", "vector"):
        raise FeatureNotSupported(f"unique keys of type {column.type.sql_name} are not supported")


def _add_check(session: Session, table: Table, constraint: st.Check) -> Table:
    column = constraint.column or _only_column(table, constraint.expression.text, constraint)
    taken = constraint_names(table)
    name = constraint.name or choose_name(
        session.transaction.catalog, table.schema, table.name, column or "", "check", taken=taken
    )
    if name in taken:
        raise DuplicateObject(f'constraint "{name}" for relation "{table.name}" already exists')
    check_expression(session.catalog, constraint.expression.text, table, None)
    check = CheckConstraint(new_oid(session), name, constraint.expression.text)
    return replace(table, checks=(*table.checks, check))


def _only_column(table: Table, text: str, constraint: st.Check) -> str | None:
    """PostgreSQL names a table CHECK after its column when it reads just one."""
    names = {found.name.lower() for found in constraint.expression.tree.find_all(exp.Column)}
    return names.pop() if len(names) == 1 else None


def create_storage(session: Session, table: Table) -> None:
    """The table in DuckDB, with its unique indexes."""
    columns = ", ".join(f"{quote(column.name)} {column.duckdb_type}" for column in table.columns)
    separator = ", " if columns else ""
    session.cursor.run(f"CREATE TABLE {table.storage_name} ({columns}{separator}{RID} BIGINT)")
    for unique in table.uniques:
        create_unique_index(session, table, unique)


def create_unique_index(session: Session, table: Table, unique: UniqueConstraint) -> None:
    keys = ", ".join(quote(name) for name in unique.columns)
    session.cursor.run(f"CREATE UNIQUE INDEX i{unique.index_oid} ON {table.storage_name} ({keys})")


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
    stream = run_query(plan, execution(session, values))
    batches = list(stream)
    names = [*statement.columns, *(column.name for column in stream.columns[len(statement.columns) :])]
    if len(statement.columns) > len(stream.columns):
        raise SqlSyntaxError("too many column names were specified")
    columns = tuple(
        Column(name, c.type, c.typmod, number) for number, (name, c) in enumerate(zip(names, stream.columns, strict=False), 1)
    )
    if len(set(names)) != len(names):
        raise DuplicateColumn(f'column "{next(n for n in names if names.count(n) > 1)}" specified more than once')
    table = Table(new_oid(session), schema, statement.name.name, columns)
    _check_case(table)
    create_storage(session, table)
    session.transaction.define(state.with_object(table))
    if statement.with_data and batches:
        rows = pa.Table.from_batches(batches).rename_columns(names)
        RowWriter(session.transaction, table, RowRules()).insert(rows)
        return Done(f"SELECT {rows.num_rows}")
    return Done("SELECT 0" if statement.with_data else "CREATE TABLE AS")

