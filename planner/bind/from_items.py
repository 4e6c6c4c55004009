"""FROM: tables, views, system relations, subqueries, functions and joins become range entries."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    FeatureNotSupported,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedTable,
)
from sqlvec.core.schema import RID, Column, Sequence, Table, View

from ..catalog import SystemRelation
from ..parse import parse_query
from .binder import Binder
from .coerce import as_boolean
from .function_scans import bind_function
from .primaries import fold
from .range_entries import add_entry, alias_of, renamed, table_alias
from .row_security import guarded_rows, guarded_target, is_guarded
from .scope import RangeEntry, Scope, ScopeColumn
from .typed import BOOL, INT8, Node, call, position_of, quoted

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
        for entry in (*before, *added):
            used = entry.column(name)
            if used is not None:
                entry.read(used)
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
        bound = bind_function(binder, node, alias_of(node), scope)
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


def _bind_table(binder: Binder, node: exp.Table, scope: Scope) -> Node:
    if node.args.get("rows_from"):
        raise FeatureNotSupported("ROWS FROM is not supported", position=position_of(node))
    if not isinstance(node.this, exp.Identifier):
        return bind_function(
            binder, node.this, alias_of(node), scope, ordinality=bool(node.args.get("ordinality"))
        )
    schema = fold(node.args["db"]) if node.args.get("db") is not None else None
    name = fold(node.this)
    alias, names = alias_of(node)
    shown = alias or name
    cte = scope.cte(name) if schema is None else None
    if cte is not None:
        columns = renamed(cte, names)
        add_entry(scope, RangeEntry(shown, columns), node)
        return exp.Table(this=quoted(name), alias=table_alias(shown, columns if names else ()))
    relation = binder.relation(schema, name, position_of(node))
    if node.args.get("sample") is not None:
        raise FeatureNotSupported("TABLESAMPLE is not supported", position=position_of(node))
    if isinstance(relation, Table):
        return _base_table(binder, relation, shown, names, scope, node)
    if isinstance(relation, SystemRelation):
        binder.system_relations[relation.storage_name] = relation
        columns = renamed(scope_columns(relation.columns, relation.oid), names)
        add_entry(scope, RangeEntry(shown, columns, access=binder.access(relation, "r")), node)
        return exp.Table(
            this=quoted(relation.storage_name), alias=table_alias(shown, columns if names else ())
        )
    if isinstance(relation, View):
        return _view(binder, relation, shown, names, scope, node)
    binder.access(relation, "r")
    return _sequence(relation, shown, scope, node)


def scope_columns(columns: tuple[Column, ...], table_oid: int) -> tuple[ScopeColumn, ...]:
    return tuple(ScopeColumn(c.name, c.type, c.typmod, table_oid, c.number) for c in columns)


def _base_table(binder: Binder, table: Table, alias: str, names: list[str], scope: Scope, node: Node) -> Node:
    binder.tables.add(table.oid)
    columns = renamed(scope_columns(table.columns, table.oid), names)
    target, binder.pending = binder.pending, None
    access = target or binder.access(table, "r")
    add_entry(scope, RangeEntry(alias, columns, schema=table.schema, table=table, access=access), node)
    bound = _rows(binder, table, alias, is_target=target is not None)
    if names:
        # Renamed columns: a subquery, since DuckDB's alias list would count the hidden column too.
        items: list[Node] = [
            exp.Alias(this=exp.column(quoted(old.name)), alias=quoted(new.name))
            for old, new in zip(table.columns, columns, strict=True)
        ]
        items.append(exp.column(quoted(RID)))
        inner = exp.Select(expressions=items).from_(bound)
        return exp.Subquery(this=inner, alias=table_alias(alias))
    return bound


def _rows(binder: Binder, table: Table, alias: str, *, is_target: bool) -> Node:
    """The table, or what row-level security leaves of it."""
    if is_guarded(binder, table):
        binder.is_guarded = True
        return guarded_target(table, alias) if is_target else guarded_rows(binder, table, alias)
    bound = exp.Table(this=quoted(table.storage_name), alias=table_alias(alias))
    bound.meta[RELATION] = table
    return bound


def _view(binder: Binder, view: View, alias: str, names: list[str], scope: Scope, node: Node) -> Node:
    access = binder.access(view, "r")
    tree = parse_query(view.query).tree
    with binder.as_view(view):
        bound = binder.query(tree, None)
    columns = renamed(scope_columns(view.columns, view.oid), names)
    entry = RangeEntry(alias, columns, schema=view.schema, is_query=True, access=access)
    add_entry(scope, entry, node)
    return exp.Subquery(this=bound.tree, alias=table_alias(alias, columns))


def _sequence(sequence: Sequence, alias: str, scope: Scope, node: Node) -> Node:
    columns = (ScopeColumn("last_value", INT8), ScopeColumn("log_cnt", INT8), ScopeColumn("is_called", BOOL))
    add_entry(scope, RangeEntry(alias, columns), node)
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
    return exp.Subquery(this=exp.Select(expressions=items), alias=table_alias(alias))


def _bind_subquery(binder: Binder, node: exp.Subquery, scope: Scope, *, is_lateral: bool) -> Node:
    alias, names = alias_of(node)
    if isinstance(node.this, exp.Table):
        return exp.Paren(this=bind_item(binder, node.this, scope))
    parent = scope if is_lateral else _without_entries(scope)
    bound = binder.query(node.this, parent)
    columns = renamed(bound.columns, names)
    shown = alias or f"__subquery{len(scope.entries)}"
    add_entry(scope, RangeEntry(shown, columns, is_query=True), node)
    shown_as = table_alias(shown, columns)
    if is_lateral:
        return exp.Lateral(this=exp.Subquery(this=bound.tree), alias=shown_as)
    return exp.Subquery(this=bound.tree, alias=shown_as)


def _without_entries(scope: Scope) -> Scope:
    """What a FROM subquery that is not LATERAL sees: CTEs and outer queries, not its siblings."""
    return Scope(parent=scope.parent, ctes=dict(scope.ctes))


def _bind_lateral(binder: Binder, node: exp.Lateral, scope: Scope) -> Node:
    inner = node.this
    alias, names = alias_of(node)
    if isinstance(inner, exp.Subquery):
        inner.set("alias", node.args.get("alias"))
        return _bind_subquery(binder, inner, scope, is_lateral=True)
    return bind_function(binder, inner, (alias, names), scope)


def _bind_values(binder: Binder, node: exp.Values, scope: Scope) -> Node:
    alias, names = alias_of(node)
    node.set("alias", None)
    bound = binder.query(node, _without_entries(scope))
    columns = renamed(bound.columns, names)
    shown = alias or "__values"
    add_entry(scope, RangeEntry(shown, columns), node)
    return exp.Subquery(this=bound.tree, alias=table_alias(shown, columns))


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
