"""JSON text: a value spelled as JSON, as to_json() does."""

from __future__ import annotations

from .coerce import to_text
from .typed import (
    JSON,
    JSONB,
    NUMERIC,
    TIMESTAMP,
    TIMESTAMPTZ,
    Node,
    Typed,
    call,
    cast,
    first_present,
    string,
)


def json_text(value: Typed) -> Node:
    """Text of the JSON value; NULL is the JSON null."""
    return first_present([spelled_json(value), string("null")])


def spelled_json(value: Typed) -> Node:
    if value.is_type(JSON, JSONB):
        return cast(value.node, "VARCHAR")
    if value.is_integer or value.is_type(NUMERIC):
        return to_text(value)
    if value.is_type(TIMESTAMP, TIMESTAMPTZ):
        # ISO 8601 has a T between date and time.
        stamp = call("replace", to_text(value), string(" "), string("T"))
        if value.is_type(TIMESTAMPTZ):  # and an offset with its minutes
            stamp = call("regexp_replace", stamp, string(r"([+-]\d\d)$"), string(r"\1:00"))
        return cast(call("to_json", stamp), "VARCHAR")
    return cast(call("to_json", value.node), "VARCHAR")
