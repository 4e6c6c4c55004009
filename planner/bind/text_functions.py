"""Text functions that take arguments of any type, or that treat char(n) or bytea in their own way."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import InvalidParameterValue

from .binder import Binder
from .coerce import resolve, settle, to_text, undefined_function
from .functions import named
from .scope import Scope
from .typed import BOOL, BYTEA, INT4, TEXT, Node, Typed, call, cast, number, position_of, raise_error, string


def printed(value: Typed) -> Node:
    """A value as its output function prints it: true as t."""
    if value.is_type(BOOL):
        ifs = [
            exp.If(this=value.node, true=string("t")),
            exp.If(this=exp.Not(this=exp.Paren(this=value.node.copy())), true=string("f")),
        ]
        return exp.Case(ifs=ifs)
    return to_text(value)


def concat(binder: Binder, node: Node, scope: Scope) -> Typed:
    """NULLs are skipped, as in DuckDB's concat."""
    values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
    if not values:
        raise undefined_function("concat", values, position_of(node))
    return Typed(call("concat", *(printed(value) for value in values)), TEXT)


def concat_ws(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
    if len(values) < 2:
        raise undefined_function("concat_ws", values, position_of(node))
    return Typed(call("concat_ws", values[0].node, *(printed(value) for value in values[1:])), TEXT)


def format_text(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
    if not values:
        raise InvalidParameterValue("too few arguments for format()", position=position_of(node))
    items = exp.Array(expressions=[printed(value) for value in values[1:]])
    return Typed(call("sqlvec_format", values[0].node, cast(items, "VARCHAR[]")), TEXT)


def length(binder: Binder, node: Node, scope: Scope) -> Typed:
    """Of text in characters without the padding of char(n), of bytea in bytes."""
    arguments = _arguments(node)
    values = [binder.expression(item, scope) for item in arguments]
    if len(values) == 1 and values[0].is_type(BYTEA):
        return Typed(cast(call("octet_length", values[0].node), "INTEGER"), INT4)
    return named(binder, "length", values, position_of(node))


def octet_length(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [binder.expression(item, scope) for item in _arguments(node)]
    bits = isinstance(node, exp.Anonymous) and str(node.this).lower() == "bit_length"
    if len(values) == 1 and values[0].is_type(BYTEA):
        size = cast(call("octet_length", values[0].node), "INTEGER")
    elif len(values) == 1 and (values[0].is_open or values[0].is_string):
        size = cast(call("strlen", resolve(binder, values[0], TEXT).node), "INTEGER")
    else:
        raise undefined_function("bit_length" if bits else "octet_length", values, position_of(node))
    return Typed(exp.Mul(this=size, expression=number(8)) if bits else size, INT4)


def _arguments(node: Node) -> list[Node]:
    return list(node.expressions) if isinstance(node, exp.Anonymous) else [node.this]


def substring(binder: Binder, node: Node, scope: Scope) -> Typed:
    """Places before the first count; with one text argument, it is a regular expression."""
    arguments = (
        node.expressions
        if isinstance(node, exp.Anonymous)
        else [node.this, node.args.get("start"), node.args.get("length")]
    )
    values = [binder.expression(item, scope) for item in arguments if item is not None]
    if len(values) not in (2, 3):
        raise undefined_function("substring", values, position_of(node))
    text = resolve(binder, values[0], TEXT)
    if text.type is not None and not (text.is_string or text.is_type(BYTEA)):
        raise undefined_function("pg_catalog.substring", values, position_of(node))
    second = values[1]
    if len(values) == 2 and (second.is_string or second.literal is not None):
        pattern = resolve(binder, second, TEXT)
        return Typed(
            call("list_extract", call("sqlvec_regexp_match", text.node, pattern.node), number(1)), TEXT
        )
    places = [resolve(binder, value, INT4).node for value in values[1:]]
    return Typed(_substring(text.node, places), BYTEA if text.is_type(BYTEA) else TEXT)


def _substring(text: Node, places: list[Node]) -> Node:
    first = call("greatest", places[0], number(1))
    if len(places) == 1:
        return call("substring", text, first)
    count = places[1]
    if isinstance(places[0], exp.Literal) and isinstance(count, exp.Literal):
        start, wanted = int(places[0].this), int(count.this)
        if wanted >= 0:
            return call(
                "substring", text, number(max(start, 1)), number(max(start + wanted - max(start, 1), 0))
            )
    end = exp.Paren(
        this=exp.Add(this=exp.Paren(this=places[0].copy()), expression=exp.Paren(this=count.copy()))
    )
    size = call("greatest", exp.Sub(this=end, expression=first.copy()), number(0))
    failed = raise_error("22011", "negative substring length not allowed")
    is_negative = exp.LT(this=exp.Paren(this=count), expression=number(0))
    return exp.Case(ifs=[exp.If(this=is_negative, true=failed)], default=call("substring", text, first, size))


def overlay(binder: Binder, node: Node, scope: Scope) -> Typed:
    """`a` before `start`, then b, then `a` from `count` places on."""
    values = [binder.expression(item, scope) for item in node.iter_expressions()]
    target = BYTEA if any(value.is_type(BYTEA) for value in values[:2]) else TEXT
    text, new = (resolve(binder, value, target).node for value in values[:2])
    start, *counts = (exp.Paren(this=resolve(binder, value, INT4).node) for value in values[2:])
    size = call("octet_length" if target is BYTEA else "length", new.copy())
    after = exp.Add(this=start.copy(), expression=counts[0] if counts else size)
    before = call("substring", text, number(1), exp.Sub(this=start.copy(), expression=number(1)))
    rest = call("substring", text.copy(), call("greatest", after, number(1)))
    whole = exp.DPipe(this=exp.DPipe(this=before, expression=new), expression=rest)
    failed = raise_error("22011", "negative substring length not allowed")
    is_outside = exp.LTE(this=start, expression=number(0))
    return Typed(exp.Case(ifs=[exp.If(this=is_outside, true=failed)], default=whole), target)


def pad(binder: Binder, node: Node, scope: Scope) -> Typed:
    """lpad, rpad: with blanks where no fill is given."""
    values = [binder.expression(item, scope) for item in node.expressions]
    if len(values) == 2:
        values.append(Typed(string(" "), TEXT))
    return named(binder, str(node.this).lower(), values, position_of(node))
