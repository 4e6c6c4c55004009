"""Function calls: names looked up in the allow-list, arguments typed, DuckDB's spelling built."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from sqlvec.core.errors import GroupingError, UndefinedFunction, UndefinedObject
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import array_of, type_by_name

from .binder import Binder
from .coerce import convert, resolve, settle, to_text, unify
from .distance import FUNCTIONS as VECTOR_FUNCTIONS
from .distance import vector_function
from .function_table import CLASSES, FUNCTIONS, Function
from .scope import Scope
from .session_functions import SESSION_FUNCTIONS
from .typed import (
    BYTEA, FLOAT4, FLOAT8, INT4, INT8, INTERVAL, JSON, JSONB, NUMERIC, STRINGS, TEXT, UNKNOWN, VECTOR,
    Node, Typed, call, cast, number, paren, pg, position_of, string,
)  # fmt: skip


def anonymous(binder: Binder, node: Node, scope: Scope) -> Typed:
    """A function that sqlglot has no class for."""
    name = str(node.this).lower()
    position = position_of(node)
    if name == "row":
        values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
        return Typed(call("row", *(value.node for value in values)), pg("record"))
    arguments = [binder.expression(item, scope) for item in node.expressions]
    return named(binder, name, arguments, position)


def named(binder: Binder, name: str, arguments: list[Typed], position: int | None) -> Typed:
    session = SESSION_FUNCTIONS.get(name)
    if session is not None:
        return session(binder, arguments, position)
    if name in VECTOR_FUNCTIONS and len(arguments) == 2:
        return vector_function(binder, name, arguments, position)
    function = FUNCTIONS.get(name)
    least = -1 if function is None else len([a for a in function.arguments if a != "..."]) - function.optional
    if function is None or len(arguments) < least - (1 if "..." in function.arguments else 0):
        raise _undefined(name, arguments, position)
    if "..." not in function.arguments and len(arguments) > len(function.arguments):
        raise _undefined(name, arguments, position)
    binder.is_volatile |= function.is_volatile
    values = _typed_arguments(binder, name, function, arguments, position)
    return Typed(_build(function.duckdb, [value.node for value in values]), _result(function.result, values), position=position)


def _undefined(name: str, arguments: list[Typed], position: int | None) -> UndefinedFunction:
    types = ", ".join(value.type.sql_name if value.type else "unknown" for value in arguments)
    return UndefinedFunction(
        f"function {name}({types}) does not exist",
        hint="No function matches the given name and argument types. You might need to add explicit type casts.",
        position=position,
    )


def _typed_arguments(binder: Binder, name: str, function: Function, arguments: list[Typed], position: int | None) -> list[Typed]:
    values: list[Typed] = []
    wanted = list(function.arguments)
    for index, value in enumerate(arguments):
        kind = wanted[index] if index < len(wanted) and wanted[index] != "..." else wanted[-2]
        values.append(_argument(binder, name, kind, value, values, arguments, position))
    return values


def _argument(
    binder: Binder, name: str, kind: str, value: Typed, before: list[Typed], all: list[Typed], position: int | None
) -> Typed:
    if kind == "*":
        return settle(binder, value)
    if kind == "element":
        element = before[0].type.element if before and before[0].type else None
        return resolve(binder, value, element) if element else settle(binder, value)
    target = pg(kind)
    if value.is_open:
        return resolve(binder, value, target)
    if value.type is None or _accepts(target, value.type):
        return _promoted(value, target)
    raise _undefined(name, all, position)


def _accepts(target: PgType, actual: PgType) -> bool:
    """Implicit casts: within a category towards the wanted type; text takes only strings."""
    if target.oid == actual.oid or target.name == "void":
        return True
    if target.oid in STRINGS:
        return actual.oid in STRINGS
    if target.category == "N":
        return actual.category == "N"
    if target.category == "D" or target.name == "interval":
        return actual.category in ("D", "T") or actual.name in ("date", "timestamp", "timestamptz", "time", "interval")
    return {target.name, actual.name} <= {"json", "jsonb"}


def _promoted(value: Typed, target: PgType) -> Typed:
    if value.type is None or value.type.oid == target.oid or target.category in ("D", "T", "S"):
        return value
    if target.name in ("float8", "int8") and value.is_number:
        return Typed(cast(value.node, target.duckdb), target, position=value.position)
    return value


def _build(template: str, arguments: list[Node]) -> Node:
    if "(" not in template and "{" not in template and template.replace("_", "").isalnum() and template != "true":
        return call(template, *arguments)
    return _parsed(template, arguments)


def _parsed(template: str, arguments: list[Node]) -> Node:
    """Templates are ours, written in DuckDB's SQL; arguments are put into the parsed tree, never into text."""
    names = {f"__arg{i}": argument for i, argument in enumerate(arguments)}
    text = template
    for i in range(len(arguments)):
        text = text.replace(f"{{{i}}}", f"__arg{i}")
    for start in (0, 1):
        mark = "{*}" if start == 0 else "{*1}"
        text = text.replace(mark, ", ".join(f"__arg{i}" for i in range(start, len(arguments))))
    tree = sqlglot.parse_one(text, read="duckdb")
    for found in list(tree.find_all(exp.Column)):
        if found.name in names:
            replacement = names[found.name].copy()
            if found is tree:
                return replacement
            found.replace(replacement)
    return tree


def _result(result: str, values: list[Typed]) -> PgType | None:
    first = values[0].type if values else None
    if result == "?":
        return None
    if result == "same":
        return first
    if result == "same2":
        return values[1].type if len(values) > 1 else first
    if result == "element":
        return first.element if first is not None else None
    if result == "array":
        return array_of(first) if first is not None and not first.is_array else first
    return type_by_name(result.removeprefix("_"), is_array=result.startswith("_"))


def known(binder: Binder, node: Node, scope: Scope) -> Typed:
    """A function that sqlglot has a class for: bind its arguments in place, let it print itself."""
    kind = type(node).__name__
    if kind not in CLASSES:
        raise UndefinedFunction(f"function {node.sql_name().lower()} does not exist", position=position_of(node))
    values = bind_children(binder, node, scope)
    result = _result(CLASSES[kind], values)
    if kind in ("TimestampTrunc", "DateTrunc") and result is not None and result.name == "date":
        return Typed(cast(node, "TIMESTAMPTZ"), pg("timestamptz"))
    if kind == "Rand":
        binder.is_volatile = True
    if kind == "Length":
        return _length(node, values[0])
    if result is not None and kind in ("Min", "Max", "Lag", "Lead", "FirstValue", "LastValue"):
        return Typed(node, result, values[0].typmod)
    if kind in ("Rank", "DenseRank", "RowNumber", "StrPosition", "BitLength", "Ntile", "Ascii", "Unicode", "Grouping"):
        return Typed(node if kind not in ("StrPosition",) else cast(node, "INTEGER"), result)
    return Typed(node, result)


def _length(node: Node, value: Typed) -> Typed:
    if value.is_type(BYTEA):
        return Typed(cast(call("octet_length", value.node), "INTEGER"), INT4)
    if value.type is not None and not value.is_string:
        raise _undefined("length", [value], value.position)
    return Typed(cast(call("length", value.node), "INTEGER"), INT4)


# Argument types for open literals; most text functions take text everywhere.
_NUMBER_ARGUMENTS = frozenset({"start", "length", "count", "part_index", "offset", "n", "decimals", "scale"})


def bind_children(binder: Binder, node: Node, scope: Scope) -> list[Typed]:
    """Bind all argument expressions of a node where they stand; units, paths and words stay."""
    values: list[Typed] = []
    for key, value in list(node.args.items()):
        if isinstance(value, list):
            bound = [_child(binder, item, scope, key, values) for item in value]
            node.set(key, [item.node for item in bound])
            values.extend(bound)
        elif isinstance(value, exp.Expression) and not isinstance(value, (exp.Var, exp.JSONPath, exp.DataType, exp.IntervalSpan)):
            child = _child(binder, value, scope, key, values)
            node.set(key, child.node)
            values.append(child)
    return values


def _child(binder: Binder, node: Node, scope: Scope, key: str, before: list[Typed]) -> Typed:
    if isinstance(node, (exp.Distinct, exp.Order, exp.IgnoreNulls)):
        return _modified(binder, node, scope, key, before)
    value = binder.expression(node, scope)
    if not value.is_open:
        return value
    if key in _NUMBER_ARGUMENTS:
        return resolve(binder, value, INT4)
    return settle(binder, value)


def _modified(binder: Binder, node: Node, scope: Scope, key: str, before: list[Typed]) -> Typed:
    """DISTINCT x, x ORDER BY y inside an aggregate."""
    if isinstance(node, exp.Distinct):
        values = [_child(binder, item, scope, key, before) for item in node.expressions]
        node.set("expressions", [value.node for value in values])
        return Typed(node, values[0].type if values else None)
    inner = _child(binder, node.this, scope, key, before) if node.this is not None else Typed(node, None)
    if node.this is not None:
        node.set("this", inner.node)
    for item in node.expressions if isinstance(node, exp.Order) else ():
        item.set("this", settle(binder, binder.expression(item.this, scope)).node)
    return Typed(node, inner.type, inner.typmod)


def coalesce(binder: Binder, node: Node, scope: Scope) -> Typed:
    """COALESCE, GREATEST, LEAST: the arguments' common type."""
    items = [node.this, *node.expressions] if node.this is not None else list(node.expressions)
    label = type(node).__name__.upper()
    values, result = unify(binder, [binder.expression(item, scope) for item in items], label)
    return Typed(call(label.lower(), *(value.node for value in values)), result, values[0].typmod)


def nullif(binder: Binder, node: Node, scope: Scope) -> Typed:
    values, result = unify(binder, [binder.expression(node.this, scope), binder.expression(node.expression, scope)], "NULLIF")
    return Typed(call("nullif", values[0].node, values[1].node), result)


def concat(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
    return Typed(call("concat", *(to_text(value) for value in values)), TEXT)


def count(binder: Binder, node: Node, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Star):
        return Typed(node, INT8)
    bind_children(binder, node, scope)
    return Typed(node, INT8)


def total(binder: Binder, node: Node, scope: Scope) -> Typed:
    """sum: of integers a bigint, of bigints a numeric, of vectors a vector."""
    value = bind_children(binder, node, scope)[0]
    if value.is_type(VECTOR):
        return _vector_aggregate(value, "sum")
    if value.is_type(INT8):
        return Typed(cast(node, "DECIMAL(38,0)"), NUMERIC)
    if value.is_integer:
        return Typed(cast(node, "BIGINT"), INT8)
    if value.is_type(FLOAT4):
        return Typed(cast(node, "FLOAT"), FLOAT4)
    if value.is_type(NUMERIC, FLOAT8, INTERVAL) or value.type is None:
        return Typed(node, value.type)
    raise _undefined("sum", [value], position_of(node))


def average(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = bind_children(binder, node, scope)[0]
    if value.is_type(VECTOR):
        return _vector_aggregate(value, "avg")
    if value.is_integer or value.is_type(NUMERIC):
        return Typed(cast(node, "DECIMAL(38,16)"), NUMERIC)
    if value.is_type(FLOAT4, FLOAT8) or value.type is None:
        return Typed(node, FLOAT8)
    if value.is_type(INTERVAL):
        return Typed(node, INTERVAL)
    raise _undefined("avg", [value], position_of(node))


def _vector_aggregate(value: Typed, name: str) -> Typed:
    collected = call("list", value.node)
    return Typed(call(f"sqlvec_vector_{name}", collected), VECTOR, value.typmod)


def rounding(binder: Binder, node: Node, scope: Scope) -> Typed:
    """round, ceil, floor, trunc: numeric stays numeric, the rest is float8."""
    digits = node.args.get("decimals")
    value = resolve(binder, binder.expression(node.this, scope), FLOAT8)
    name = {"Round": "round", "Ceil": "ceil", "Floor": "floor", "Trunc": "trunc"}[type(node).__name__]
    if value.type is not None and not value.is_number:
        raise _undefined(name, [value], position_of(node))
    if digits is not None:
        return _round_to(binder, name, value, resolve(binder, binder.expression(digits, scope), INT4))
    if value.is_type(NUMERIC):
        return Typed(call(name, value.node), NUMERIC)
    inner = cast(value.node, "DOUBLE")
    return Typed(call("round_even", inner, number(0)) if name == "round" else call(name, inner), FLOAT8)


def _round_to(binder: Binder, name: str, value: Typed, digits: Typed) -> Typed:
    if value.is_type(FLOAT8, FLOAT4):
        raise _undefined(name, [value, digits], value.position)
    source = value.node if value.is_type(NUMERIC) else cast(value.node, "DECIMAL(38,0)")
    scale = _literal_int(digits.node)
    if scale is None:
        return Typed(call(name, source, digits.node), NUMERIC)
    rounded = call("round", source, digits.node) if name == "round" else call("trunc", source, digits.node)
    return Typed(cast(rounded, f"DECIMAL(38,{max(scale, 0)})"), NUMERIC)


def _literal_int(node: Node) -> int | None:
    inner = node.this if isinstance(node, exp.Cast) else node
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return int(inner.this)
    return None


def modulo(binder: Binder, node: Node, scope: Scope) -> Typed:
    return binder.expression(exp.Mod(this=node.this, expression=node.expression), scope)


def logarithm(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [resolve(binder, binder.expression(item, scope), FLOAT8) for item in (node.this, node.expression) if item is not None]
    if len(values) == 1:
        return Typed(call("log10", cast(values[0].node, "DOUBLE")), FLOAT8)
    return Typed(cast(call("log", *(cast(value.node, "DOUBLE") for value in values)), "DECIMAL(38,16)"), NUMERIC)


def extract(binder: Binder, node: Node, scope: Scope) -> Typed:
    """EXTRACT gives numeric, date_part gives float8; sqlglot has one class for both."""
    field = node.this.name.lower() if isinstance(node.this, (exp.Var, exp.Literal)) else ""
    value = resolve(binder, binder.expression(node.expression, scope), pg("timestamptz"))
    scale = 6 if field in ("second", "seconds", "epoch", "milliseconds") else 0
    if field in ("seconds",):
        field = "second"
    part = call("date_part", string(field), value.node)
    if field == "second":
        part = exp.Div(this=paren(exp.Mod(this=call("date_part", string("microseconds"), value.node), expression=number(60_000_000))), expression=number(1_000_000.0), typed=False, safe=True)
    return Typed(cast(part, f"DECIMAL(38,{scale})"), NUMERIC)


def string_aggregate(binder: Binder, node: Node, scope: Scope) -> Typed:
    bind_children(binder, node, scope)
    return Typed(node, TEXT)


def window(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    target, outer = _innermost_call(inner.node)
    node.set("this", target)
    for key in ("partition_by",):
        node.set(key, [settle(binder, binder.expression(item, scope)).node for item in node.args.get(key) or []])
    order = node.args.get("order")
    for item in order.expressions if order is not None else ():
        item.set("this", settle(binder, binder.expression(item.this, scope)).node)
    result = node
    for wrapper in reversed(outer):
        wrapper.set("this", result)
        result = wrapper
    return Typed(result, inner.type, inner.typmod)


def _innermost_call(node: Node) -> tuple[Node, list[Node]]:
    """Casts that binding put around an aggregate belong outside OVER and FILTER."""
    outer: list[Node] = []
    while isinstance(node, exp.Cast):
        outer.append(node)
        node = node.this
    return node, outer


def filtered(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    target, outer = _innermost_call(inner.node)
    node.set("this", target)
    where = node.expression
    where.set("this", settle(binder, binder.expression(where.this, scope)).node)
    result = node
    for wrapper in reversed(outer):
        wrapper.set("this", result)
        result = wrapper
    return Typed(result, inner.type, inner.typmod)


def within_group(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    node.set("this", inner.node)
    first: Typed | None = None
    for item in node.expression.expressions:
        bound = settle(binder, binder.expression(item.this, scope))
        first = first or bound
        item.set("this", bound.node)
    result = inner.type
    if isinstance(node.this, (exp.PercentileDisc, exp.Mode)) and first is not None:
        result = first.type
    return Typed(node, result)


def series(binder: Binder, node: Node, scope: Scope) -> Typed:
    """generate_series in a select list: one row per value."""
    values = [binder.expression(node.args[key], scope) for key in ("start", "end", "step") if node.args.get(key) is not None]
    kind = series_type(binder, values)
    nodes = [convert(binder, value, kind if index < 2 or kind.category == "N" else INTERVAL).node for index, value in enumerate(values)]
    return Typed(call("unnest", call("generate_series", *nodes)), kind)


def series_type(binder: Binder, values: list[Typed]) -> PgType:
    for value in values[:2]:
        if value.type is not None and value.type is not UNKNOWN and not value.is_number:
            return value.type if value.type.name != "date" else pg("timestamp")
    return INT8 if any(value.is_type(INT8) for value in values) else (NUMERIC if any(value.is_type(NUMERIC) for value in values) else INT4)


def json_extract(binder: Binder, node: Node, scope: Scope) -> Typed:
    """-> and ->> with a key or index that sqlglot made a path of, or any expression."""
    value = resolve(binder, binder.expression(node.this, scope), JSON)
    is_text = isinstance(node, exp.JSONExtractScalar)
    if value.type is not None and not value.is_type(JSON, JSONB):
        raise UndefinedFunction(
            f"operator does not exist: {value.type.sql_name} {'->>' if is_text else '->'} unknown",
            hint="No operator matches the given name and argument types. You might need to add explicit type casts.",
            position=value.position,
        )
    path = node.expression
    if not isinstance(path, exp.JSONPath):
        key = binder.expression(path, scope)
        path = (resolve(binder, key, TEXT) if key.is_open else key).node
    function = "json_extract_string" if is_text else "json_extract"
    path_node = string(path.sql(dialect="duckdb").strip("'").replace("''", "'")) if isinstance(path, exp.JSONPath) else path
    result = TEXT if is_text else value.type
    return Typed(call(function, value.node, path_node), result)


def json_path(binder: Binder, node: Node, scope: Scope) -> Typed:
    """#> and #>> with a text[] path."""
    value = resolve(binder, binder.expression(node.this, scope), JSONB)
    path = resolve(binder, binder.expression(node.expression, scope), pg("_text") if type_by_name("_text") else array_of(TEXT))
    is_text = isinstance(node, exp.JSONBExtractScalar)
    found = call("sqlvec_json_path_text" if is_text else "sqlvec_json_path", cast(value.node, "VARCHAR"), path.node)
    return Typed(found if is_text else cast(found, "JSON"), TEXT if is_text else value.type)


def json_has_key(binder: Binder, node: Node, scope: Scope) -> Typed:
    """?, ?| and ?& on jsonb."""
    value = resolve(binder, binder.expression(node.this, scope), JSONB)
    single = isinstance(node, exp.JSONBContainsTopKey)
    keys = resolve(binder, binder.expression(node.expression, scope), TEXT if single else array_of(TEXT))
    key_list = exp.Array(expressions=[keys.node]) if single else keys.node
    least = number(0 if type(node).__name__ == "JSONBContainsAllTopKeys" else 1)
    return Typed(call("sqlvec_jsonb_exists", cast(value.node, "VARCHAR"), key_list, least), pg("bool"))


def nested_aggregate(node: Node) -> GroupingError:
    return GroupingError("aggregate function calls cannot be nested", position=position_of(node))


def collate(binder: Binder, node: Node, scope: Scope) -> Typed:
    """COLLATE: "C", "default" and their like all sort by bytes here; others do not exist."""
    name = node.expression.name.rsplit(".", 1)[-1].strip('"') if node.expression is not None else ""
    if isinstance(node.expression, exp.Dot):
        name = node.expression.expression.name
    if name.lower() not in ("default", "c", "posix", "ucs_basic"):
        raise UndefinedObject(f'collation "{name}" for encoding "UTF8" does not exist', position=position_of(node.expression))
    return binder.expression(node.this, scope)


def vector_class(binder: Binder, node: Node, scope: Scope) -> Typed:
    """cosine_distance(a, b): sqlglot has a class of that name."""
    name = "cosine_distance" if isinstance(node, exp.CosineDistance) else "l2_distance"
    arguments = [binder.expression(item, scope) for item in (node.this, node.expression)]
    return named(binder, name, arguments, position_of(node))


def array_size(binder: Binder, node: Node, scope: Scope) -> Typed:
    """array_length(a, dimension)"""
    arguments = [binder.expression(item, scope) for item in (node.this, node.expression) if item is not None]
    return named(binder, "array_length", arguments, position_of(node))


def by_name(binder: Binder, node: Node, scope: Scope) -> Typed:
    """Functions whose class prints something else for DuckDB: go through the table instead."""
    arguments = [item for item in (node.this, node.args.get("charset"), node.args.get("expression")) if item is not None]
    return named(binder, type(node).__name__.lower(), [binder.expression(item, scope) for item in arguments], position_of(node))
