"""Function calls: names looked up in the allow-list, arguments typed, the spelling of DuckDB built."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from sqlvec.core.errors import UndefinedFunction, UndefinedObject
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import type_by_name

from .binder import Binder
from .coerce import convert, resolve, settle, texts_of, to_text, undefined_function
from .distance import FUNCTIONS as VECTOR_FUNCTIONS
from .distance import vector_function
from .function_arguments import bind_children
from .function_classes import CLASSES
from .function_table import FUNCTIONS, Function
from .operands import is_comparable
from .registered import must_alias, regclass_constant
from .row_comparison import named_fields
from .scope import Scope
from .session_functions import SESSION_FUNCTIONS
from .typed import (
    BOOL,
    BPCHAR,
    BYTEA,
    FLOAT8,
    INT4,
    JSON,
    JSONB,
    STRINGS,
    TEXT,
    VECTOR,
    Node,
    Typed,
    array_type,
    call,
    called_name,
    cast,
    paren,
    pg,
    position_of,
)  # fmt: skip


def anonymous(binder: Binder, node: Node, scope: Scope) -> Typed:
    """A function that sqlglot has no class for."""
    assert isinstance(node, exp.Anonymous)
    name = called_name(node)
    position = position_of(node)
    if name == "row":
        values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
        node = call("row", *(value.node for value in values))
        return Typed(node, pg("record"), fields=named_fields(values))
    arguments = [binder.expression(_value(item), scope) for item in node.expressions]
    if any(isinstance(item, exp.PropertyEQ) for item in node.expressions):
        raise _undefined_with_names(name, node.expressions, arguments, position)
    return named(binder, name, arguments, position)


def _value(argument: Node) -> Node:
    value = argument.expression if isinstance(argument, exp.PropertyEQ) else argument
    assert isinstance(value, Node)
    return value


def _undefined_with_names(
    name: str, items: list[Node], values: list[Typed], position: int | None
) -> UndefinedFunction:
    """f(a := 1), where there is no function with such arguments."""
    types = [value.type.sql_name if value.type else "unknown" for value in values]
    shown = [
        f"{item.this.name} => {kind}" if isinstance(item, exp.PropertyEQ) else kind
        for item, kind in zip(items, types, strict=True)
    ]
    return UndefinedFunction(f"function {name}({', '.join(shown)}) does not exist", position=position)


def columns(binder: Binder, node: Node, scope: Scope) -> Typed:
    """COLUMNS(*) is DuckDB's, which sqlglot knows."""
    raise UndefinedFunction("function columns() does not exist", position=position_of(node))


def named(binder: Binder, name: str, arguments: list[Typed], position: int | None) -> Typed:
    session = SESSION_FUNCTIONS.get(name)
    if session is not None:
        return session(binder, arguments, position)
    if name in VECTOR_FUNCTIONS and len(arguments) == 2:
        return vector_function(binder, name, arguments, position)
    function = FUNCTIONS.get(name)
    least = -1 if function is None else len([a for a in function.arguments if a != "..."]) - function.optional
    if function is None or len(arguments) < least - (1 if "..." in function.arguments else 0):
        raise undefined_function(name, arguments, position)
    if "..." not in function.arguments and len(arguments) > len(function.arguments):
        raise undefined_function(name, arguments, position)
    binder.is_volatile |= function.is_volatile
    values = _typed_arguments(binder, name, function, arguments, position)
    return Typed(
        _build(function.duckdb, [value.node for value in values]),
        result_type(function.result, values),
        position=position,
    )


def _typed_arguments(
    binder: Binder, name: str, function: Function, arguments: list[Typed], position: int | None
) -> list[Typed]:
    values: list[Typed] = []
    wanted = list(function.arguments)
    for index, value in enumerate(arguments):
        kind = wanted[index] if index < len(wanted) and wanted[index] != "..." else wanted[-2]
        values.append(_argument(binder, name, kind, value, values, arguments, position))
    return values


def _argument(
    binder: Binder,
    name: str,
    kind: str,
    value: Typed,
    before: list[Typed],
    all: list[Typed],
    position: int | None,
) -> Typed:
    if kind == "*":
        return settle(binder, value)
    if kind == "number":
        if not (value.is_open or value.is_number or value.type is None):
            raise undefined_function(name, all, position)
        return resolve(binder, value, FLOAT8)
    if kind == "element":
        element = before[0].type.element if before and before[0].type else None
        if element is None:
            return settle(binder, value)
        if value.type is not None and not value.is_open and not is_comparable(value.type, element):
            raise undefined_function(name, all, position)
        return convert(binder, value, element)
    if kind == "anyarray":
        return _array_argument(binder, name, value, before, all, position)
    target = pg(kind)
    if kind == "regclass":
        return regclass_constant(binder, value, target) or must_alias(settle(binder, value), target)
    if value.is_open:
        return resolve(binder, value, target)
    if value.type is None or _accepts(target, value.type):
        return _promoted(value, target)
    raise undefined_function(name, all, position)


def _array_argument(
    binder: Binder, name: str, value: Typed, before: list[Typed], all: list[Typed], position: int | None
) -> Typed:
    if value.is_open:
        return resolve(binder, value, _array_beside(before or all[1:2]))
    if value.type is not None and not value.is_array:
        raise undefined_function(name, all, position)
    if before and before[0].is_array and not is_comparable(before[0].type, value.type):
        raise undefined_function(name, all, position)
    if name in ("array_to_string", "cardinality") and value.type is not None and value.type.element is VECTOR:
        return Typed(texts_of(value), array_type(TEXT))  # a vector is one element, not many
    return value


def _array_beside(others: list[Typed]) -> PgType:
    """The type of an open array: that of another array, or of which another argument is an element."""
    known = next((other.type for other in others if other.type is not None and not other.is_open), TEXT)
    return known if known.is_array else array_type(known)


def _accepts(target: PgType, actual: PgType) -> bool:
    """Implicit casts: within a category towards the wanted type; text takes only strings."""
    if target.oid == actual.oid or target.name == "void":
        return True
    if target.oid in STRINGS:
        return actual.oid in STRINGS
    if target.category == "N":
        return actual.category == "N"
    if target.category == "D" or target.name == "interval":
        return actual.category in ("D", "T") or actual.name in (
            "date",
            "timestamp",
            "timestamptz",
            "time",
            "interval",
        )
    return {target.name, actual.name} <= {"json", "jsonb"}


def _promoted(value: Typed, target: PgType) -> Typed:
    if value.is_type(BPCHAR) and target.category == "S":
        return Typed(to_text(value), TEXT, position=value.position)  # without the padding
    if value.type is None or value.type.oid == target.oid or target.category in ("D", "T", "S"):
        return value
    if target.name in ("float8", "int8") and value.is_number:
        return Typed(cast(value.node, target.duckdb), target, position=value.position)
    return value


def _build(template: str, arguments: list[Node]) -> Node:
    if (
        "(" not in template
        and "{" not in template
        and template.replace("_", "").isalnum()
        and template != "true"
    ):
        return call(template, *arguments)
    return _parsed(template, arguments)


def _parsed(template: str, arguments: list[Node]) -> Node:
    """Templates are ours, in DuckDB's SQL; arguments are put into the parsed tree, never into text."""
    names = {f"__arg{i}": argument for i, argument in enumerate(arguments)}
    text = template
    for i in range(len(arguments)):
        text = text.replace(f"{{{i}}}", f"__arg{i}")
    for start in (0, 1):
        mark = "{*}" if start == 0 else "{*1}"
        text = text.replace(mark, ", ".join(f"__arg{i}" for i in range(start, len(arguments))))
    tree = sqlglot.parse_one(text, read="duckdb")
    assert isinstance(tree, Node)
    for found in list(tree.find_all(exp.Column)):
        if found.name in names:
            replacement = paren(names[found.name].copy())
            if found is tree:
                return replacement
            found.replace(replacement)
    return tree


def result_type(result: str, values: list[Typed]) -> PgType | None:
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
        return array_type(first) if first is not None and not first.is_array else first
    return type_by_name(result.removeprefix("_"), is_array=result.startswith("_"))


def known(binder: Binder, node: Node, scope: Scope) -> Typed:
    """A function that sqlglot has a class for: bind its arguments in place, let it print itself."""
    kind = type(node).__name__
    if kind not in CLASSES:
        return _by_class_name(binder, node, scope)
    values = bind_children(binder, node, scope)
    result = result_type(CLASSES[kind], values)
    if kind in ("TimestampTrunc", "DateTrunc") and result is not None and result.name == "date":
        return Typed(cast(node, "TIMESTAMPTZ"), pg("timestamptz"))
    if kind == "Rand":
        binder.is_volatile = True
    if kind == "Length":
        return _length(node, values[0])
    if kind in ("Min", "Max") and values and values[0].is_type(VECTOR, JSON, JSONB, BOOL):
        raise undefined_function(kind.lower(), values, position_of(node))
    if result is not None and kind in ("Min", "Max", "Lag", "Lead", "FirstValue", "LastValue"):
        return Typed(node, result, values[0].typmod)
    if kind in (
        "Rank",
        "DenseRank",
        "RowNumber",
        "StrPosition",
        "BitLength",
        "Ntile",
        "Ascii",
        "Unicode",
        "Grouping",
    ):
        return Typed(node if kind not in ("StrPosition",) else cast(node, "INTEGER"), result)
    return Typed(node, result)


# Classes that sqlglot calls otherwise than their users do.
_NAMES = {"ArgMax": "max_by", "ArgMin": "min_by"}


def _by_class_name(binder: Binder, node: Node, scope: Scope) -> Typed:
    """A class that the table does not list: its arguments in order, under its SQL name."""
    assert isinstance(node, exp.Func)
    items: list[Node] = []
    for key in node.arg_types:
        value = node.args.get(key)
        items += [value] if isinstance(value, Node) else value if isinstance(value, list) else []
    arguments = [binder.expression(item, scope) for item in items]
    name = _NAMES.get(type(node).__name__, str(node.sql_name()).lower())
    return named(binder, name, arguments, position_of(node))


def _length(node: Node, value: Typed) -> Typed:
    if value.is_type(BYTEA):
        return Typed(cast(call("octet_length", value.node), "INTEGER"), INT4)
    if value.type is not None and not value.is_string:
        raise undefined_function("length", [value], value.position)
    return Typed(cast(call("length", value.node), "INTEGER"), INT4)


def collate(binder: Binder, node: Node, scope: Scope) -> Typed:
    """COLLATE: "C", "default" and their like all sort by bytes here; others do not exist."""
    name = node.expression.name.rsplit(".", 1)[-1].strip('"') if node.expression is not None else ""
    if isinstance(node.expression, exp.Dot):
        name = node.expression.expression.name
    if name.lower() not in ("default", "c", "posix", "ucs_basic"):
        raise UndefinedObject(
            f'collation "{name}" for encoding "UTF8" does not exist', position=position_of(node.expression)
        )
    return binder.expression(node.this, scope)


def vector_class(binder: Binder, node: Node, scope: Scope) -> Typed:
    """cosine_distance(a, b): sqlglot has a class of that name."""
    name = "cosine_distance" if isinstance(node, exp.CosineDistance) else "l2_distance"
    arguments = [binder.expression(item, scope) for item in (node.this, node.expression)]
    return named(binder, name, arguments, position_of(node))


def by_name(binder: Binder, node: Node, scope: Scope) -> Typed:
    """Functions whose class prints something else for DuckDB: go through the table instead."""
    arguments = [
        item
        for item in (node.this, node.args.get("charset"), node.args.get("expression"))
        if item is not None
    ]
    return named(
        binder,
        type(node).__name__.lower(),
        [binder.expression(item, scope) for item in arguments],
        position_of(node),
    )


def first_argument(binder: Binder, node: Node, scope: Scope) -> Typed:
    """Classes to which sqlglot adds arguments of its own."""
    return named(
        binder, type(node).__name__.lower(), [binder.expression(node.this, scope)], position_of(node)
    )
