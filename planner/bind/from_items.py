"""FROM: tables, views, system relations, subqueries, functions and joins become range entries."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    DuplicateAlias,
    FeatureNotSupported,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedFunction,
    UndefinedTable,
)
from sqlvec.core.schema import Column, Sequence, Table, View
from sqlvec.core.types.pg_type import PgType

from ..catalog import SystemRelation
from ..parse import parse_query
from .binder import Binder
from .coerce import as_boolean, convert, settle
from .function_table import FUNCTIONS
from .names import output_name
from .primaries import fold
from .scope import RangeEntry, Scope, ScopeColumn
from .typed import BOOL, INT8, JSON, JSONB, TEXT, Node, call, position_of, quoted

RELATION = "sqlvec_relation"  # mark on a bound exp.Table: its Table


def bind_from(binder: Binder, tree: exp.Select, scope: Scope) -> None:
    from_ = tree.args.get("from_") or tree.args.get("from")
    if from_ is None:
        return
    from_.set("this", bind_item(binder, from_.this, scope))
    for join in tree.args.get("joins") or []:
        _bind_join(binder, join, scope)


def _bind_join(binder: Binder, join: exp.Join, scope: Scope) -> None:
    before = list(scope.entries)
    join.set("this", bind_item(binder, join.this, scope))
    added = [entry for entry in scope.entries if entry not in before]
    using = [
        fold(item if isinstance(item, exp.Identifier) else item.this) for item in join.args.get("using") or []
    ]
    if join.args.get("method") == "NATURAL" or str(join.args.get("method") or "").upper() == "NATURAL":
        left = {c.name for entry in before for c in entry.columns if c.name not in entry.merged}
        using = [c.name for entry in added for c in entry.columns if c.name in left]
        join.set("method", None)
    if using:
        _bind_using(binder, join, scope, before, added, using)
    on = join.args.get("on")
    if on is not None:
        join.set("on", as_boolean(binder, binder.expression(on, scope), "JOIN/ON").node)


def _bind_using(
    binder: Binder,
    join: exp.Join,
    scope: Scope,
    before: list[RangeEntry],
    added: list[RangeEntry],
    names: list[str],
) -> None:
    """USING: the merged column is the left one (the right one of a RIGHT JOIN)."""
    side = str(join.args.get("side") or "").upper()
    for name in names:
        if not any(entry.column(name) for entry in before) or not any(entry.column(name) for entry in added):
            where = "left" if not any(entry.column(name) for entry in before) else "right"
            raise UndefinedColumn(
                f'column "{name}" specified in USING clause does not exist in {where} table'
            )
        hidden = before if side == "RIGHT" else added
        for entry in hidden:
            if entry.column(name):
                entry.merged.add(name)
    join.set("using", [quoted(name) for name in names])


def bind_item(binder: Binder, node: Node, scope: Scope) -> Node:
    """Bind one FROM item, add its entry to the scope, return the DuckDB item."""
    if isinstance(node, exp.Table):
        bound = _bind_table(binder, node, scope)
    elif isinstance(node, exp.Subquery):
        bound = _bind_subquery(binder, node, scope, is_lateral=False)
    elif isinstance(node, exp.Lateral):
        bound = _bind_lateral(binder, node, scope)
    elif isinstance(node, exp.Values):
        bound = _bind_values(binder, node, scope)
    elif isinstance(node, (exp.Unnest, exp.Func)):
        bound = _bind_function(binder, node, _alias_of(node), scope)
    elif isinstance(node, exp.Paren):
        node.set("this", bind_item(binder, node.this, scope))
        bound = node
    else:
        raise binder.unsupported(node)
    joins = node.args.get("joins") or []
    for join in joins:
        _bind_join(binder, join, scope)
    if joins and bound is not node:
        bound.set("joins", joins)
    return bound


def _add(scope: Scope, entry: RangeEntry, node: Node) -> None:
    if scope.entry(entry.alias) is not None:
        raise DuplicateAlias(
            f'table name "{entry.alias}" specified more than once', position=position_of(node)
        )
    scope.entries.append(entry)


def _alias_of(node: Node) -> tuple[str | None, list[str]]:
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return None, []
    name = fold(alias.this) if alias.this is not None else None
    columns = [
        fold(item if isinstance(item, exp.Identifier) else item.this)
        for item in alias.args.get("columns") or []
    ]
    return name, columns


def _renamed(columns: tuple[ScopeColumn, ...], names: list[str]) -> tuple[ScopeColumn, ...]:
    fresh = [*names, *(column.name for column in columns[len(names) :])]
    return tuple(
        ScopeColumn(new, c.type, c.typmod, c.table_oid, c.attribute)
        for new, c in zip(fresh, columns, strict=False)
    )


def _bind_table(binder: Binder, node: exp.Table, scope: Scope) -> Node:
    if not isinstance(node.this, exp.Identifier):
        return _bind_function(
            binder, node.this, _alias_of(node), scope, ordinality=bool(node.args.get("ordinality"))
        )
    schema = fold(node.args["db"]) if node.args.get("db") is not None else None
    name = fold(node.this)
    alias, names = _alias_of(node)
    shown = alias or name
    cte = scope.cte(name) if schema is None else None
    if cte is not None:
        columns = _renamed(cte, names)
        _add(scope, RangeEntry(shown, columns), node)
        return exp.Table(this=quoted(name), alias=_table_alias(shown, columns if names else ()))
    relation = binder.relation(schema, name, position_of(node))
    if node.args.get("sample") is not None:
        raise FeatureNotSupported("TABLESAMPLE is not supported", position=position_of(node))
    if isinstance(relation, Table):
        return _base_table(binder, relation, shown, names, scope, node)
    if isinstance(relation, SystemRelation):
        binder.system_relations[relation.storage_name] = relation
        columns = _renamed(scope_columns(relation.columns, relation.oid), names)
        _add(scope, RangeEntry(shown, columns), node)
        return exp.Table(
            this=quoted(relation.storage_name), alias=_table_alias(shown, columns if names else ())
        )
    if isinstance(relation, View):
        return _view(binder, relation, shown, names, scope, node)
    return _sequence(relation, shown, scope, node)


def scope_columns(columns: tuple[Column, ...], table_oid: int) -> tuple[ScopeColumn, ...]:
    return tuple(ScopeColumn(c.name, c.type, c.typmod, table_oid, c.number) for c in columns)


def _table_alias(name: str, columns: tuple[ScopeColumn, ...] = ()) -> exp.TableAlias:
    return exp.TableAlias(this=quoted(name), columns=[quoted(column.name) for column in columns])


def _base_table(binder: Binder, table: Table, alias: str, names: list[str], scope: Scope, node: Node) -> Node:
    binder.tables.add(table.oid)
    columns = _renamed(scope_columns(table.columns, table.oid), names)
    _add(scope, RangeEntry(alias, columns, schema=table.schema), node)
    if names:
        # Renamed columns: a subquery, since DuckDB's alias list would count the hidden column too.
        items = [
            exp.Alias(this=exp.column(quoted(old.name)), alias=quoted(new.name))
            for old, new in zip(table.columns, columns, strict=True)
        ]
        inner = exp.Select(expressions=list(items)).from_(exp.Table(this=quoted(table.storage_name)))
        return exp.Subquery(this=inner, alias=_table_alias(alias))
    bound = exp.Table(this=quoted(table.storage_name), alias=_table_alias(alias))
    bound.meta[RELATION] = table
    return bound


def _view(binder: Binder, view: View, alias: str, names: list[str], scope: Scope, node: Node) -> Node:
    tree = parse_query(view.query).tree
    bound = binder.query(tree, None)
    columns = _renamed(scope_columns(view.columns, view.oid), names)
    _add(scope, RangeEntry(alias, columns, schema=view.schema), node)
    return exp.Subquery(this=bound.tree, alias=_table_alias(alias, columns))


def _sequence(sequence: Sequence, alias: str, scope: Scope, node: Node) -> Node:
    columns = (ScopeColumn("last_value", INT8), ScopeColumn("log_cnt", INT8), ScopeColumn("is_called", BOOL))
    _add(scope, RangeEntry(alias, columns), node)
    values = call("sqlvec_sequence_state", exp.Literal.number(sequence.oid))
    items = [
        exp.Alias(
            this=exp.Bracket(this=values, expressions=[exp.Literal.number(0)]), alias=quoted("last_value")
        ),
        exp.Alias(
            this=exp.Cast(this=exp.Literal.number(0), to=exp.DataType.build("BIGINT")),
            alias=quoted("log_cnt"),
        ),
        exp.Alias(
            this=exp.EQ(
                this=exp.Bracket(this=values.copy(), expressions=[exp.Literal.number(1)]),
                expression=exp.Literal.number(1),
            ),
            alias=quoted("is_called"),
        ),
    ]
    return exp.Subquery(this=exp.Select(expressions=items), alias=_table_alias(alias))


def _bind_subquery(binder: Binder, node: exp.Subquery, scope: Scope, *, is_lateral: bool) -> Node:
    alias, names = _alias_of(node)
    if isinstance(node.this, exp.Table):
        return exp.Paren(this=bind_item(binder, node.this, scope))
    parent = scope if is_lateral else _without_entries(scope)
    bound = binder.query(node.this, parent)
    columns = _renamed(bound.columns, names)
    shown = alias or f"__subquery{len(scope.entries)}"
    _add(scope, RangeEntry(shown, columns), node)
    shown_as = _table_alias(shown, columns)
    if is_lateral:
        return exp.Lateral(this=exp.Subquery(this=bound.tree), alias=shown_as)
    return exp.Subquery(this=bound.tree, alias=shown_as)


def _without_entries(scope: Scope) -> Scope:
    """What a FROM subquery that is not LATERAL sees: CTEs and outer queries, not its siblings."""
    return Scope(parent=scope.parent, ctes=dict(scope.ctes))


def _bind_lateral(binder: Binder, node: exp.Lateral, scope: Scope) -> Node:
    inner = node.this
    alias, names = _alias_of(node)
    if isinstance(inner, exp.Subquery):
        inner.set("alias", node.args.get("alias"))
        return _bind_subquery(binder, inner, scope, is_lateral=True)
    return _bind_function(binder, inner, (alias, names), scope)


def _bind_values(binder: Binder, node: exp.Values, scope: Scope) -> Node:
    alias, names = _alias_of(node)
    node.set("alias", None)
    bound = binder.query(node, _without_entries(scope))
    columns = _renamed(bound.columns, names)
    shown = alias or "__values"
    _add(scope, RangeEntry(shown, columns), node)
    return exp.Subquery(this=bound.tree, alias=_table_alias(shown, columns))


def _bind_function(
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
    items, columns = _series_item(binder, node, scope, function, name, names)
    select = exp.Select(expressions=items)
    if ordinality:
        select, columns = _with_ordinality(select, columns, names)
    shown = name or function
    _add(scope, RangeEntry(shown, columns), node)
    return exp.Lateral(this=exp.Subquery(this=select), alias=_table_alias(shown, columns))


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
    "json_array_elements": "value", "jsonb_array_elements": "value",
    "json_array_elements_text": "value", "jsonb_array_elements_text": "value",
}  # fmt: skip
# Functions that return (key, value).
_PAIRS: dict[str, tuple[PgType, bool]] = {
    "json_each": (JSON, False), "jsonb_each": (JSONB, False), "json_each_text": (TEXT, True), "jsonb_each_text": (TEXT, True),
}  # fmt: skip


def _bind_pairs(
    binder: Binder, function: str, node: Node, alias: tuple[str | None, list[str]], scope: Scope
) -> Node:
    kind, is_text = _PAIRS[function]
    arguments = node.expressions or [node.this]
    value = convert(binder, binder.expression(arguments[0], scope), JSONB)
    name, names = alias
    columns = _renamed((ScopeColumn("key", TEXT), ScopeColumn("value", kind)), names)
    shown = name or function
    _add(scope, RangeEntry(shown, columns), node)
    keys = call("unnest", call("json_keys", value.node))
    extract = call(
        "json_extract_string" if is_text else "json_extract",
        value.node.copy(),
        call("concat", exp.Literal.string('$."'), exp.column("k"), exp.Literal.string('"')),
    )
    inner = exp.Select(expressions=[exp.Alias(this=keys, alias=quoted("k"))])
    select = exp.Select(expressions=[exp.column("k"), extract]).from_(
        exp.Subquery(this=inner, alias=_table_alias("__keys"))
    )
    return exp.Lateral(this=exp.Subquery(this=select), alias=_table_alias(shown, columns))


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
    _add(scope, RangeEntry(shown, found), node)
    return exp.Lateral(this=exp.Subquery(this=select), alias=_table_alias(shown, found))


def _with_ordinality(
    select: exp.Select, columns: tuple[ScopeColumn, ...], names: list[str]
) -> tuple[exp.Select, tuple[ScopeColumn, ...]]:
    """WITH ORDINALITY: number the rows of the function's own select."""
    label = names[len(columns)] if len(names) > len(columns) else "ordinality"
    kept: list[Node] = [exp.column(quoted(c.name), table=quoted("__rows")) for c in columns]
    counter = exp.Window(this=call("row_number"))
    numbered = exp.Select(expressions=[*kept, exp.Alias(this=counter, alias=quoted(label))])
    source = exp.Subquery(this=select, alias=_table_alias("__rows"))
    return numbered.from_(source), (*columns, ScopeColumn(label, INT8))


def expand_star(items: list[Node], scope: Scope) -> list[Node]:
    """Replace * and alias.* by columns; the hidden row id is not among them."""
    expanded: list[Node] = []
    for item in items:
        if isinstance(item, exp.Star):
            expanded.extend(_all_columns(scope, item))
        elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            expanded.extend(_entry_columns(scope, item))
        else:
            expanded.append(item)
    return expanded


def _all_columns(scope: Scope, node: Node) -> list[Node]:
    if not scope.entries:
        raise SqlSyntaxError("SELECT * with no tables specified is not valid", position=position_of(node))
    merged = {name for entry in scope.entries for name in entry.merged}
    first = [
        _reference(entry, c)
        for entry in scope.entries
        for c in entry.columns
        if c.name in merged and c.name not in entry.merged
    ]
    rest = [_reference(entry, c) for entry in scope.entries for c in entry.columns if c.name not in merged]
    return _unique(first) + rest


def _unique(nodes: list[Node]) -> list[Node]:
    seen: dict[str, Node] = {}
    for node in nodes:
        seen.setdefault(node.name, node)
    return list(seen.values())


def _entry_columns(scope: Scope, node: exp.Column) -> list[Node]:
    alias = fold(node.args["table"])
    entry = scope.find_entry(alias)
    if entry is None:
        raise UndefinedTable(f'missing FROM-clause entry for table "{alias}"', position=position_of(node))
    return [_reference(entry, column) for column in entry.columns]


def _reference(entry: RangeEntry, column: ScopeColumn) -> Node:
    return exp.Column(this=quoted(column.name), table=quoted(entry.alias))
