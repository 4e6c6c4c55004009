"""JSON construction: json_build_object, to_json and their kin."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import InvalidParameterValue

from .binder import Binder
from .coerce import settle, undefined_function
from .json_text import json_text, spelled_json
from .scope import Scope
from .typed import JSON, JSONB, UNKNOWN, Node, Typed, call, cast, pg, position_of, string


def build_object(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
    if len(values) % 2:
        raise InvalidParameterValue(
            "argument list must have even number of elements",
            hint="The arguments of jsonb_build_object() must consist of alternating keys and values.",
        )
    parts: list[Node] = []
    for key, value in zip(values[::2], values[1::2], strict=True):
        name = cast(call("to_json", cast(key.node, "VARCHAR")), "VARCHAR")
        parts += [string(", " if parts else ""), name, string(" : "), json_text(value)]
    return _json(node, call("concat", string("{"), *parts, string("}")))


def build_array(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
    parts: list[Node] = []
    for value in values:
        parts += [string(", " if parts else ""), json_text(value)]
    return _json(node, call("concat", string("["), *parts, string("]")))


def to_json(binder: Binder, node: Node, scope: Scope) -> Typed:
    items = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
    values = [binder.expression(item, scope) for item in items]
    if len(values) != 1 or (values[0].type is UNKNOWN and values[0].literal is None):
        raise undefined_function(_name(node), values, position_of(node))
    return _json(node, spelled_json(settle(binder, values[0])))


def row_to_json(binder: Binder, node: Node, scope: Scope) -> Typed:
    """row_to_json of a row, and whether on several lines."""
    values = [binder.expression(item, scope) for item in node.expressions]
    is_row = bool(values) and (values[0].is_open or values[0].is_type(pg("record")))
    if not is_row or len(values) > 2:
        raise undefined_function("row_to_json", values, position_of(node))
    is_pretty = len(values) > 1 and values[1].node == exp.true()
    row = settle(binder, values[0])
    return _json(node, spelled_json(row, ",\n " if is_pretty else ","))


def array_to_json(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [binder.expression(item, scope) for item in node.expressions]
    if len(values) not in (1, 2) or not (values[0].is_open or values[0].is_array):
        raise undefined_function("array_to_json", values, position_of(node))
    return _json(node, spelled_json(settle(binder, values[0])))


def _name(node: Node) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else node.key


def _json(node: Node, text: Node) -> Typed:
    if "jsonb" in _name(node):
        return Typed(call("sqlvec_jsonb", text), JSONB)
    return Typed(cast(text, "JSON"), JSON)
