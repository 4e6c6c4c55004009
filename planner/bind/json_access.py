"""JSON access: ->, #>, ? and their kin."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    UndefinedFunction,
)
from sqlvec.core.types.registry import type_by_name

from .binder import Binder
from .coerce import resolve
from .scope import Scope
from .typed import (
    JSON,
    JSONB,
    TEXT,
    Node,
    Typed,
    array_type,
    call,
    cast,
    number,
    pg,
    string,
)  # fmt: skip


def json_extract(binder: Binder, node: Node, scope: Scope) -> Typed:
    """-> and ->> with a key or index that sqlglot made a path of, or any expression."""
    value = resolve(binder, binder.expression(node.this, scope), JSON)
    is_text = isinstance(node, exp.JSONExtractScalar)
    if value.type is not None and not value.is_type(JSON, JSONB):
        raise UndefinedFunction(
            f"operator does not exist: {value.type.sql_name} {'->>' if is_text else '->'} unknown",
            hint="No operator matches the given name and argument types. You might need "
            "to add explicit type casts.",
            position=value.position,
        )
    path = node.expression
    if not isinstance(path, exp.JSONPath):
        key = binder.expression(path, scope)
        path = (resolve(binder, key, TEXT) if key.is_open else key).node
    function = "json_extract_string" if is_text else "json_extract"
    path_node = (
        string(path.sql(dialect="duckdb").strip("'").replace("''", "'"))
        if isinstance(path, exp.JSONPath)
        else path
    )
    result = TEXT if is_text else value.type
    return Typed(call(function, value.node, path_node), result)


def json_path(binder: Binder, node: Node, scope: Scope) -> Typed:
    """#> and #>> with a text[] path."""
    value = resolve(binder, binder.expression(node.this, scope), JSONB)
    path = resolve(
        binder,
        binder.expression(node.expression, scope),
        pg("_text") if type_by_name("_text") else array_type(TEXT),
    )
    is_text = isinstance(node, exp.JSONBExtractScalar)
    found = call(
        "sqlvec_json_path_text" if is_text else "sqlvec_json_path", cast(value.node, "VARCHAR"), path.node
    )
    return Typed(found if is_text else cast(found, "JSON"), TEXT if is_text else value.type)


def json_delete_path(binder: Binder, node: Node, scope: Scope) -> Typed:
    """#- on jsonb."""
    value = resolve(binder, binder.expression(node.this, scope), JSONB)
    path = resolve(binder, binder.expression(node.expression, scope), array_type(TEXT))
    return Typed(call("sqlvec_jsonb_delete_path", cast(value.node, "VARCHAR"), path.node), JSONB)


def json_has_key(binder: Binder, node: Node, scope: Scope) -> Typed:
    """?, ?| and ?& on jsonb."""
    value = resolve(binder, binder.expression(node.this, scope), JSONB)
    single = isinstance(node, exp.JSONBContainsTopKey)
    keys = resolve(binder, binder.expression(node.expression, scope), TEXT if single else array_type(TEXT))
    key_list = exp.Array(expressions=[keys.node]) if single else keys.node
    least = number(0 if type(node).__name__ == "JSONBContainsAllTopKeys" else 1)
    return Typed(call("sqlvec_jsonb_exists", cast(value.node, "VARCHAR"), key_list, least), pg("bool"))
