"""Assignment: values brought to their columns' types, and the defaults of columns without one."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import DatatypeMismatch, GroupingError, WindowingError
from sqlvec.core.schema import Column
from sqlvec.core.types.pg_type import PgType

from ..bind.binder import Binder
from ..bind.coerce import convert
from ..bind.scope import Scope
from ..bind.typed import NUMBERS, STRINGS, UNKNOWN, Node, Typed, cast, position_of
from ..parse import parse_expression

_DATETIMES = frozenset(("date", "timestamp", "timestamptz"))
_PAIRS = frozenset((
    ("timestamp", "time"), ("timestamptz", "time"), ("timestamptz", "timetz"), ("time", "timetz"),
    ("timetz", "time"), ("time", "interval"), ("interval", "time"), ("json", "jsonb"), ("jsonb", "json"),
    ("int4", "oid"), ("int8", "oid"),
))  # fmt: skip


def assign(binder: Binder, column: Column, value: Typed) -> Typed:
    """Assignment cast: wider than implicit, narrower than CAST; 42804 where PostgreSQL has none."""
    if value.type is not None and not value.is_open and not is_assignable(value.type, column.type):
        raise DatatypeMismatch(
            f'column "{column.name}" is of type {column.type.sql_name} '
            f"but expression is of type {value.type.sql_name}",
            hint="You will need to rewrite or cast the expression.",
            position=value.position,
        )
    return convert(binder, value, column.type, column.typmod, explicit=False)


def is_assignable(source: PgType, target: PgType) -> bool:
    if source.oid == target.oid or target.oid in STRINGS or source.oid == UNKNOWN.oid:
        return True
    if source.oid in NUMBERS and target.oid in NUMBERS:
        return True
    if target.name == "vector":
        return source.element is not None and source.element.oid in NUMBERS
    if source.element is not None and target.element is not None:
        return is_assignable(source.element, target.element)
    if source.name in _DATETIMES and target.name in _DATETIMES:
        return True
    return (source.name, target.name) in _PAIRS


def is_default(node: Node) -> bool:
    """The word DEFAULT in place of a value."""
    is_bare = isinstance(node, exp.Column) and node.args.get("table") is None
    if is_bare and isinstance(node.this, exp.Identifier):
        return node.name.lower() == "default" and not node.this.args.get("quoted")
    return isinstance(node, exp.Var) and node.name.upper() == "DEFAULT"


def default_of(binder: Binder, column: Column, *, omitted: bool) -> Node:
    """A column's default. The engine numbers omitted sequence columns, all rows at once."""
    if column.generated is not None or (omitted and column.sequence_oid is not None):
        return cast(exp.Null(), column.duckdb_type)
    if column.sequence_oid is not None:
        binder.is_volatile = True
        return _nextval(column.sequence_oid, is_identity=column.identity is not None)
    if column.default is None:
        return cast(exp.Null(), column.duckdb_type)
    value = binder.expression(parse_expression(column.default), Scope())
    return assign(binder, column, replace(value, position=None)).node


def _nextval(oid: int, *, is_identity: bool) -> Node:
    session = exp.Anonymous(this="getvariable", expressions=[exp.Literal.string("sqlvec_session")])
    row = exp.Anonymous(this="random", expressions=[])
    name = "sqlvec_next_identity" if is_identity else "sqlvec_nextval"
    return exp.Anonymous(this=name, expressions=[session, exp.Literal.number(oid), row])


def refuse_aggregates(node: Node, where: str) -> None:
    """Aggregates and window functions outside a subquery; `where` is PostgreSQL's name of the place."""
    for found in node.walk(prune=lambda inner: isinstance(inner, exp.Query | exp.Window)):
        assert isinstance(found, exp.Expression)
        if isinstance(found, exp.Window):
            raise WindowingError(f"window functions are not allowed in {where}", position=position_of(found))
        if isinstance(found, exp.AggFunc):
            raise GroupingError(
                f"aggregate functions are not allowed in {where}", position=position_of(found)
            )
