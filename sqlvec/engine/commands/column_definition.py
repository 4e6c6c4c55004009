"""ColumnDefinition: a column as the client defines it, to a column of the catalog with its sequence."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import (
    FeatureNotSupported,
    InvalidObjectDefinition,
    InvalidParameterValue,
    InvalidTableDefinition,
    SqlError,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedObject,
)
from sqlvec.core.schema import Column, Sequence, Table
from sqlvec.core.types.integer import INT2, INT4, INT8
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import array_of, type_by_name
from sqlvec.core.types.typmod import make_typmod
from sqlvec.planner import statements as st
from sqlvec.planner.expressions import check_expression
from sqlvec.planner.modify import refuse_aggregates
from sqlvec.planner.parse import parse_expression

from ..naming import choose_name
from ..session import Session
from .definitions import make_sequence

_SERIALS: dict[str, PgType] = {
    "serial": INT4, "serial4": INT4, "bigserial": INT8, "serial8": INT8, "smallserial": INT2, "serial2": INT2,
}  # fmt: skip


def build_column(
    session: Session, table: Table, definition: st.ColumnDefinition, number: int
) -> tuple[Column, Sequence | None]:
    serial = _SERIALS.get(definition.type.name) if not definition.type.is_array else None
    kind, typmod = (serial, -1) if serial is not None else resolve_type(definition.type)
    default = definition.default.text if definition.default is not None else None
    generated = definition.generated.text if definition.generated is not None else None
    column = Column(
        definition.name, kind, typmod, number, definition.not_null, default, generated, definition.identity
    )
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
        raise InvalidParameterValue("identity column type must be smallint, integer, or bigint")


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
    try:
        typmod = make_typmod(found, modifiers) if modifiers else -1
    except SqlError as error:
        error.position = error.position or name.position or None
        raise
    if not name.is_array:
        return found, typmod
    array = array_of(found)
    if array is None:
        raise UndefinedObject(f'type "{name.name}[]" does not exist', position=name.position or None)
    return array, typmod


def check_column_expressions(session: Session, table: Table, column: Column) -> None:
    """Bind default and generation expressions once, so that errors come now."""
    if column.default is not None:
        _check_default(session, column)
    if column.generated is not None:
        if column.default is not None:
            raise SqlSyntaxError(
                "both default and generation expression specified for "
                f'column "{column.name}" of table "{table.name}"'
            )
        _check_generated(session, table, column)


def _check_default(session: Session, column: Column) -> None:
    assert column.default is not None
    refuse_aggregates(parse_expression(column.default), "DEFAULT expressions")
    try:
        check_expression(session.catalog, column.default, None, column)
    except UndefinedColumn as error:
        raise FeatureNotSupported("cannot use column reference in DEFAULT expression") from error


def _check_generated(session: Session, table: Table, column: Column) -> None:
    assert column.generated is not None
    tree = parse_expression(column.generated)
    refuse_aggregates(tree, "column generation expressions")
    for found in tree.find_all(exp.Column):
        name = found.name if found.this.args.get("quoted") else found.name.lower()
        other = table.column(name)
        if name == column.name or (other is not None and other.generated is not None):
            raise InvalidObjectDefinition(
                f'cannot use generated column "{name}" in column generation expression',
                detail="A generated column cannot reference another generated column.",
            )
    check_expression(session.catalog, column.generated, table, column)
