"""generate_series, in a select list and in FROM."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import AmbiguousFunction
from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import convert, resolve, undefined_function
from .scope import Scope
from .typed import (
    DATE,
    INT2,
    INT4,
    INT8,
    INTEGERS,
    INTERVAL,
    NUMERIC,
    TIMESTAMP,
    TIMESTAMPTZ,
    Node,
    Typed,
    call,
    cast,
    number,
    paren,
    position_of,
    quoted,
    raise_error,
    string,
)

_ITEM = "sqlvec_item"
_TABLE = "__series"
_SLACK = 1e-9  # of a quotient of decimals that DuckDB computes as a float


def series(binder: Binder, node: Node, scope: Scope) -> Typed:
    """In a select list: one row per value."""
    arguments, kind = _arguments(binder, node, scope)
    return Typed(_unnested(arguments, kind), kind)


def _unnested(arguments: list[Node], kind: PgType) -> Node:
    if kind.oid == NUMERIC.oid:
        return call("unnest", _decimals(*arguments))
    return cast(call("unnest", call("generate_series", *arguments)), kind.duckdb)


def series_rows(binder: Binder, node: Node, scope: Scope, name: str) -> tuple[exp.Select, PgType]:
    """In FROM: a query of one column. Where no other FROM item is needed the values are never all at hand."""
    arguments, kind = _arguments(binder, node, scope)
    if kind.oid == NUMERIC.oid or any(list(item.find_all(exp.Column, exp.Query)) for item in arguments):
        return exp.Select(expressions=[exp.Alias(this=_unnested(arguments, kind), alias=quoted(name))]), kind
    value = cast(exp.column(quoted(_ITEM), table=quoted(_TABLE)), kind.duckdb)
    alias = exp.TableAlias(this=quoted(_TABLE), columns=[quoted(_ITEM)])
    source = exp.Table(this=call("generate_series", *arguments), alias=alias)
    return exp.Select(expressions=[exp.Alias(this=value, alias=quoted(name))]).from_(source), kind


def _arguments(binder: Binder, node: Node, scope: Scope) -> tuple[list[Node], PgType]:
    values = [
        binder.expression(node.args[key], scope)
        for key in ("start", "end", "step")
        if node.args.get(key) is not None
    ]
    kind = _type_of(values, position_of(node))
    is_number = kind.oid in INTEGERS or kind.oid == NUMERIC.oid
    kinds = [kind, kind, kind if is_number else INTERVAL]
    nodes = [
        convert(binder, resolve(binder, value, wanted), wanted).node
        for value, wanted in zip(values, kinds, strict=False)
    ]
    if len(nodes) > 2:
        zero = number(0) if is_number else cast(string("0"), "INTERVAL")
        failed = raise_error("22023", "step size cannot equal zero")
        is_zero = exp.EQ(this=paren(nodes[2]), expression=zero)
        if not (isinstance(nodes[2], exp.Literal) and nodes[2].name != "0"):
            nodes[2] = exp.Case(ifs=[exp.If(this=is_zero, true=failed)], default=nodes[2].copy())
    return nodes, kind


def _type_of(values: list[Typed], position: int | None) -> PgType:
    """The type of the values: integer, bigint, numeric, timestamp or timestamptz."""
    ends = [value for value in values[:2] if not value.is_open and value.type is not None]
    if any(value.is_type(DATE, TIMESTAMPTZ) for value in ends):
        return TIMESTAMPTZ
    if any(value.is_type(TIMESTAMP) for value in ends):
        return TIMESTAMP
    known = [value for value in values if not value.is_open and value.type is not None]
    if any(not value.is_integer and not value.is_type(NUMERIC) for value in known):
        raise undefined_function("generate_series", values, position)
    if any(value.is_type(NUMERIC) for value in known):
        return NUMERIC
    if any(value.is_type(INT8) for value in known):
        return INT8
    if all(value.is_type(INT2) for value in known) and any(value.parameter is None for value in values):
        types = ", ".join(value.type.sql_name if value.type is not None else "unknown" for value in values)
        raise AmbiguousFunction(
            f"function generate_series({types}) is not unique",
            hint="Could not choose a best candidate function. You might need to add explicit type casts.",
            position=position,
        )
    return INT4


def _decimals(start: Node, stop: Node, step: Node | None = None) -> Node:
    """DuckDB has no series of decimals: start + i * step."""
    step = step if step is not None else number(1)
    width = exp.Sub(this=paren(stop), expression=paren(start.copy()))
    share = exp.Div(this=exp.Paren(this=width), expression=paren(step.copy()))
    last = cast(call("floor", exp.Add(this=share, expression=number(_SLACK))), "BIGINT")
    counted = call("generate_series", number(0), last)
    value = exp.Add(this=paren(start), expression=exp.Mul(this=exp.column(_ITEM), expression=paren(step)))
    return call("list_transform", counted, exp.Lambda(this=value, expressions=[exp.to_identifier(_ITEM)]))
