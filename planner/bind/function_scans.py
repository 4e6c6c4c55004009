"""Function scans: set-returning functions in FROM."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    UndefinedFunction,
)
from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import convert, settle
from .function_table import FUNCTIONS
from .names import output_name
from .range_entries import add_entry, renamed, table_alias
from .scope import RangeEntry, Scope, ScopeColumn
from .series import series_rows
from .typed import INT8, JSON, JSONB, TEXT, Node, call, position_of, quoted


def bind_function(
    binder: Binder, node: Node, alias: tuple[str | None, list[str]], scope: Scope, *, ordinality: bool = False
) -> Node:
    """A set-returning function in FROM is a subquery over unnest, which DuckDB lets see its siblings."""
    name, names = alias
    ordinality = ordinality or bool(node.args.get("offset"))
    if isinstance(node, exp.Unnest):
        return _bind_unnest(binder, node, alias, scope, ordinality=ordinality)
    function = output_name(node)
    if function in _PAIRS:
        return _bind_pairs(binder, function, node, alias, scope)
    if isinstance(node, (exp.GenerateSeries, exp.ExplodingGenerateSeries)):
        only = names[0] if names else name or function
        select, kind = series_rows(binder, node, scope, only)
        columns: tuple[ScopeColumn, ...] = (ScopeColumn(only, kind),)
    else:
        items, columns = _series_item(binder, node, scope, function, name, names)
        select = exp.Select(expressions=items)
    if ordinality:
        select, columns = _with_ordinality(select, columns, names)
    shown = name or function
    add_entry(scope, RangeEntry(shown, columns, is_scalar=len(columns) == 1), node)
    return exp.Lateral(this=exp.Subquery(this=select), alias=table_alias(shown, columns))


def _series_item(
    binder: Binder, node: Node, scope: Scope, function: str, name: str | None, names: list[str]
) -> tuple[list[Node], tuple[ScopeColumn, ...]]:
    known = isinstance(node, exp.Anonymous) and str(node.this).lower() in FUNCTIONS
    if not (known or isinstance(node, exp.Func)):
        raise UndefinedFunction(f"function {function} does not exist", position=position_of(node))
    value = settle(binder, binder.expression(node, scope))
    column = (
        names[0]
        if names
        else (name if name and function not in _KEEP_NAMES else _KEEP_NAMES.get(function, function))
    )
    return [exp.Alias(this=value.node, alias=quoted(column))], (
        ScopeColumn(column, value.type, value.typmod),
    )


# Functions whose single column has a name of its own, whatever the alias.
_KEEP_NAMES = {
    "json_array_elements": "value",
    "jsonb_array_elements": "value",
    "json_array_elements_text": "value",
    "jsonb_array_elements_text": "value",
}


# Functions that return (key, value).
_PAIRS: dict[str, tuple[PgType, bool]] = {
    "json_each": (JSON, False),
    "jsonb_each": (JSONB, False),
    "json_each_text": (TEXT, True),
    "jsonb_each_text": (TEXT, True),
}


def _bind_pairs(
    binder: Binder, function: str, node: Node, alias: tuple[str | None, list[str]], scope: Scope
) -> Node:
    kind, is_text = _PAIRS[function]
    arguments = node.expressions or [node.this]
    if len(arguments) != 1:
        raise UndefinedFunction(f"function {function} does not exist with {len(arguments)} arguments")
    value = convert(binder, binder.expression(arguments[0], scope), JSONB)
    name, names = alias
    columns = renamed((ScopeColumn("key", TEXT), ScopeColumn("value", kind)), names)
    shown = name or function
    add_entry(scope, RangeEntry(shown, columns), node)
    keys = call("unnest", call("json_keys", value.node))
    extract = call(
        "json_extract_string" if is_text else "json_extract",
        value.node.copy(),
        call("concat", exp.Literal.string('$."'), exp.column("k"), exp.Literal.string('"')),
    )
    inner = exp.Select(expressions=[exp.Alias(this=keys, alias=quoted("k"))])
    select = exp.Select(expressions=[exp.column("k"), extract]).from_(
        exp.Subquery(this=inner, alias=table_alias("__keys"))
    )
    return exp.Lateral(this=exp.Subquery(this=select), alias=table_alias(shown, columns))


def _bind_unnest(
    binder: Binder, node: exp.Unnest, alias: tuple[str | None, list[str]], scope: Scope, *, ordinality: bool
) -> Node:
    name, names = alias
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier) and len(names) >= 1:
        names = [*names, offset.name]
    items: list[Node] = []
    columns: list[ScopeColumn] = []
    for index, item in enumerate(node.expressions):
        value = settle(binder, binder.expression(item, scope))
        element = value.type.element if value.type is not None else None
        column = (
            names[index]
            if index < len(names)
            else (name if name and len(node.expressions) == 1 else "unnest")
        )
        items.append(exp.Alias(this=call("unnest", value.node), alias=quoted(column)))
        columns.append(ScopeColumn(column, element))
    found = tuple(columns)
    select = exp.Select(expressions=items)
    if ordinality:
        select, found = _with_ordinality(select, found, names)
    shown = name or "unnest"
    add_entry(scope, RangeEntry(shown, found), node)
    return exp.Lateral(this=exp.Subquery(this=select), alias=table_alias(shown, found))


def _with_ordinality(
    select: exp.Select, columns: tuple[ScopeColumn, ...], names: list[str]
) -> tuple[exp.Select, tuple[ScopeColumn, ...]]:
    """WITH ORDINALITY: number the rows of the function's own select."""
    label = names[len(columns)] if len(names) > len(columns) else "ordinality"
    kept: list[Node] = [exp.column(quoted(c.name), table=quoted("__rows")) for c in columns]
    counter = exp.Window(this=call("row_number"))
    numbered = exp.Select(expressions=[*kept, exp.Alias(this=counter, alias=quoted(label))])
    source = exp.Subquery(this=select, alias=table_alias("__rows"))
    return numbered.from_(source), (*columns, ScopeColumn(label, INT8))
