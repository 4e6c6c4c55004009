"""Grouping: GROUP BY's keys and sets, and the columns that they leave ungrouped."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from sqlvec.core.errors import GroupingError, InvalidColumnReference
from sqlvec.core.schema import Table

from .aggregate_nodes import is_aggregate, own_aggregates
from .binder import Binder
from .coerce import settle
from .primaries import fold
from .scope import RangeEntry, Scope
from .typed import Node, position_of

_SETS = (exp.Tuple, exp.Cube, exp.Rollup, exp.GroupingSets)


def bind_group(
    binder: Binder, tree: exp.Select, scope: Scope, originals: list[Node], names: list[str]
) -> None:
    group = tree.args.get("group")
    if group is None:
        return
    group.set("expressions", [_item(binder, item, scope, originals, names) for item in group.expressions])


def _item(binder: Binder, item: Node, scope: Scope, originals: list[Node], names: list[str]) -> Node:
    if isinstance(item, _SETS):
        item.set("expressions", [_item(binder, part, scope, originals, names) for part in item.expressions])
        return item
    if isinstance(item, exp.Paren):
        return exp.Paren(this=_item(binder, item.this, scope, originals, names))
    return group_key(binder, item, scope, originals, names)


def group_key(binder: Binder, item: Node, scope: Scope, originals: list[Node], names: list[str]) -> Node:
    """GROUP BY takes a position, an input column, or an output name, in that order of preference."""
    chosen = by_position(item, originals, "GROUP BY")
    if chosen is None and is_bare_name(item):
        name = fold(item.this)
        is_input = any(entry.column(name) for entry in scope.entries)
        if not is_input and name in names:
            chosen = originals[names.index(name)]
    source = chosen if chosen is not None else item
    source = source.this if isinstance(source, exp.Alias) else source
    key = settle(binder, binder.expression(source.copy(), scope)).node
    if own_aggregates(key):
        raise GroupingError("aggregate functions are not allowed in GROUP BY", position=position_of(item))
    return key


def is_bare_name(node: Node) -> bool:
    return (
        isinstance(node, exp.Column)
        and node.args.get("table") is None
        and isinstance(node.this, exp.Identifier)
    )


def by_position(item: Node, originals: list[Node], clause: str) -> Node | None:
    """The output that a bare number stands for."""
    if not (isinstance(item, exp.Literal) and not item.is_string):
        return None
    index = int(item.this) if str(item.this).isdigit() else 0
    if not 1 <= index <= len(originals):
        raise InvalidColumnReference(
            f"{clause} position {item.this} is not in select list", position=position_of(item)
        )
    return originals[index - 1]


def check_grouping(binder: Binder, tree: exp.Select, scope: Scope) -> None:
    """42803 for columns neither grouped nor aggregated; a primary key in GROUP BY groups its table."""
    order = tree.args.get("order")
    having = tree.args.get("having")
    sources = [*tree.expressions, *(order.expressions if order is not None else ())]
    if having is not None:
        sources.append(having)
    group = tree.args.get("group")
    if group is None and having is None and not any(own_aggregates(item) for item in sources):
        return
    items = list(group.expressions) if group is not None else []
    keys = list(_keys(items))
    own = {entry.alias: entry for entry in scope.entries}
    loose = [found for item in sources for found in _ungrouped(item, keys) if found.table in own]
    if not loose:
        return
    has_sets = any(isinstance(item, _SETS) for item in items)
    for column in loose:
        if has_sets or not _is_dependent(binder, own[column.table], keys):
            raise GroupingError(
                f'column "{column.table}.{column.name}" must appear in the GROUP BY clause or be used in an '
                "aggregate function"
            )
        if column not in items:
            items.append(column.copy())
    assert group is not None
    group.set("expressions", items)


def _keys(items: Iterable[Node]) -> Iterable[Node]:
    for item in items:
        if isinstance(item, _SETS):
            yield from _keys(item.expressions)
        else:
            yield item.this if isinstance(item, exp.Paren) else item


def _ungrouped(node: Node, keys: list[Node]) -> list[exp.Column]:
    def is_border(found: exp.Expr) -> bool:
        return (
            found in keys
            or is_aggregate(found)
            or isinstance(found, (exp.Query, exp.Grouping, exp.WithinGroup, exp.Filter))
        )

    return [
        found
        for found in node.walk(prune=is_border)
        if isinstance(found, exp.Column) and found not in keys and found.table
    ]


def _is_dependent(binder: Binder, entry: RangeEntry, keys: list[Node]) -> bool:
    """Whether the keys hold the primary key of the entry's table."""
    table = binder.catalog.relation_by_oid(entry.columns[0].table_oid) if entry.columns else None
    if not isinstance(table, Table) or table.primary_key is None:
        return False
    grouped = {key.name for key in keys if isinstance(key, exp.Column) and key.table == entry.alias}
    return set(table.primary_key.columns) <= grouped
