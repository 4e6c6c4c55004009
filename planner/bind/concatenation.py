"""Concatenation: || on text, arrays, jsonb, bytea, vectors."""

from __future__ import annotations

from sqlglot import exp

from .binder import Binder
from .coerce import convert, no_operator, resolve, settle, to_text
from .operands import rebuild
from .scope import Scope
from .typed import (
    JSONB,
    TEXT,
    Node,
    Typed,
    call,
    cast,
    paren,
    pg,
)  # fmt: skip


def concatenation(binder: Binder, node: Node, scope: Scope) -> Typed:
    """|| on text, arrays, jsonb, bytea, vectors."""
    where = binder.text_position(node.this, node.expression)
    left = binder.expression(node.this, scope)
    right = binder.expression(node.expression, scope)
    if left.is_array or right.is_array:
        return concat_arrays(binder, left, right)
    if left.is_type(JSONB) or right.is_type(JSONB):
        sides = [resolve(binder, value, JSONB) for value in (left, right)]
        return Typed(call("sqlvec_jsonb_concat", *(cast(side.node, "VARCHAR") for side in sides)), JSONB)
    if left.is_type(pg("bytea")):
        right = resolve(binder, right, pg("bytea"))
        return Typed(rebuild(node, left.node, right.node), pg("bytea"))
    if left.is_type(pg("vector")):
        right = resolve(binder, right, pg("vector"))
        return Typed(
            call("list_concat", cast(left.node, "FLOAT[]"), cast(right.node, "FLOAT[]")), pg("vector")
        )
    left, right = settle(binder, left), settle(binder, right)
    if not (left.is_string or right.is_string or None in (left.type, right.type)):
        raise no_operator("||", [left, right], where)
    return Typed(exp.DPipe(this=paren(to_text(left)), expression=paren(to_text(right))), TEXT)


def concat_arrays(binder: Binder, left: Typed, right: Typed) -> Typed:
    known = left if left.is_array else right
    assert known.type is not None
    element = known.type.element
    assert element is not None
    left, right = resolve(binder, left, known.type), resolve(binder, right, known.type)
    if left.is_array and right.is_array:
        both_null = call("list_concat", left.node, right.node)
        return Typed(both_null, known.type)
    if left.is_array:
        return Typed(call("list_append", left.node, convert(binder, right, element).node), left.type)
    return Typed(call("list_prepend", convert(binder, left, element).node, right.node), right.type)
