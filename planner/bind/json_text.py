"""JSON text: a value spelled as JSON, as to_json() does."""

from __future__ import annotations

from sqlglot import exp

from .coerce import to_text
from .typed import (
    BOOL,
    FLOAT4,
    FLOAT8,
    JSON,
    JSONB,
    NUMERIC,
    TIMESTAMP,
    TIMESTAMPTZ,
    VECTOR,
    Node,
    Typed,
    call,
    cast,
    first_present,
    string,
)

_ITEM = "sqlvec_item"  # an array's element in a lambda


def json_text(value: Typed) -> Node:
    """Text of the JSON value; NULL is the JSON null."""
    if value.fields is not None:
        return spelled_json(value)
    return first_present([spelled_json(value), string("null")])


def spelled_json(value: Typed, separator: str = ",") -> Node:
    """The same, but NULL is NULL. The separator is one of a row's fields."""
    if value.fields is not None:
        return _row(value.fields, separator)
    if value.is_type(JSON, JSONB):
        return cast(value.node, "VARCHAR")
    if value.is_integer or value.is_type(NUMERIC):
        return to_text(value)
    if value.is_type(FLOAT4, FLOAT8):
        text = to_text(value)
        is_number = call("isfinite", value.node.copy())
        return exp.Case(ifs=[exp.If(this=is_number, true=text)], default=_quoted(text.copy()))
    if value.is_type(TIMESTAMP, TIMESTAMPTZ):
        # ISO 8601 has a T between date and time.
        stamp = call("replace", to_text(value), string(" "), string("T"))
        if value.is_type(TIMESTAMPTZ):  # and an offset with its minutes
            stamp = call("regexp_replace", stamp, string(r"([+-]\d\d)$"), string(r"\1:00"))
        return _quoted(stamp)
    if value.type is not None and value.type.element is not None:
        return _array(value)
    if value.type is None or value.is_type(BOOL) or value.type.name == "record":
        return cast(call("to_json", value.node), "VARCHAR")
    return _quoted(to_text(value))


def _quoted(text: Node) -> Node:
    return cast(call("to_json", text), "VARCHAR")


def _row(fields: tuple[tuple[str, Typed], ...], separator: str) -> Node:
    parts: list[Node] = []
    for name, value in fields:
        label = call("to_json", string(name))
        parts += [string(separator if parts else "{"), cast(label, "VARCHAR"), string(":"), json_text(value)]
    return call("concat", *(parts or [string("{")]), string("}"))


def _array(value: Typed) -> Node:
    """DuckDB's own spelling serves for most elements, also in several dimensions."""
    assert value.type is not None
    element = value.type.element
    assert element is not None
    if element.oid not in (VECTOR.oid, TIMESTAMP.oid, TIMESTAMPTZ.oid):
        return cast(call("to_json", value.node), "VARCHAR")
    item = json_text(Typed(exp.column(_ITEM), element))
    spelled = call(
        "list_transform", value.node, exp.Lambda(this=item, expressions=[exp.to_identifier(_ITEM)])
    )
    joined = call("array_to_string", spelled, string(","))
    return exp.DPipe(this=exp.DPipe(this=string("["), expression=joined), expression=string("]"))
