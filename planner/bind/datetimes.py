"""Dates and times: EXTRACT, AT TIME ZONE, INTERVAL constants."""

from __future__ import annotations

from sqlglot import exp

from .binder import Binder
from .coerce import resolve, settle
from .scope import Scope
from .typed import (
    INTERVAL,
    NUMERIC,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    Node,
    Typed,
    call,
    cast,
    number,
    paren,
    pg,
    position_of,
    string,
)  # fmt: skip


def interval(binder: Binder, node: Node, scope: Scope) -> Typed:
    """INTERVAL '1 day': the unit, if any, belongs to the text."""
    amount = node.this
    unit = node.args.get("unit")
    text = amount.name if isinstance(amount, exp.Literal) else ""
    if not isinstance(amount, exp.Literal):
        value = binder.expression(amount, scope)
        return Typed(cast(settle(binder, value).node, "INTERVAL"), INTERVAL)
    if unit is not None:
        text = f"{text} {unit.name.lower()}" if not isinstance(unit, exp.IntervalSpan) else text
    open_literal = Typed(string(text), UNKNOWN, literal=text, position=position_of(node))
    return resolve(binder, open_literal, INTERVAL)


def extract(binder: Binder, node: Node, scope: Scope) -> Typed:
    """EXTRACT gives numeric, date_part gives float8; sqlglot has one class for both."""
    field = node.this.name.lower() if isinstance(node.this, (exp.Var, exp.Literal)) else ""
    value = resolve(binder, binder.expression(node.expression, scope), pg("timestamptz"))
    scale = 6 if field in ("second", "seconds", "epoch", "milliseconds") else 0
    if field in ("seconds",):
        field = "second"
    part = call("date_part", string(field), value.node)
    if field == "second":
        part = exp.Div(
            this=paren(
                exp.Mod(
                    this=call("date_part", string("microseconds"), value.node), expression=number(60_000_000)
                )
            ),
            expression=number(1_000_000.0),
            typed=False,
            safe=True,
        )
    return Typed(cast(part, f"DECIMAL(38,{scale})"), NUMERIC)


def at_time_zone(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = resolve(binder, binder.expression(node.this, scope), TIMESTAMPTZ)
    zone = resolve(binder, binder.expression(node.args["zone"], scope), TEXT)
    if value.is_type(pg("date")):
        value = Typed(cast(value.node, "TIMESTAMPTZ"), TIMESTAMPTZ)
    result = TIMESTAMP if value.is_type(TIMESTAMPTZ) else TIMESTAMPTZ
    return Typed(call("timezone", zone.node, value.node), result)
