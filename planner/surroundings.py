"""Surroundings: what a bound expression takes from the query around it, and a copy that needs none of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from .bind.typed import Node

_DEFINITION = "sqlvec_definition"  # mark on an exp.CTE: its query before any rule changed it


@dataclass(slots=True)
class Needs:
    """Names that an expression does not bring itself: FROM items of its columns, and tables."""

    items: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)


def needs_of(node: Node) -> Needs:
    """What a bound expression refers to outside of itself."""
    found = Needs()
    waiting: list[tuple[exp.Expr, frozenset[str], frozenset[str]]] = [(node, frozenset(), frozenset())]
    while waiting:
        each, items, tables = waiting.pop()
        if isinstance(each, exp.Column):
            if each.table and each.table not in items:
                found.items.add(each.table)
            continue
        if isinstance(each, exp.Table) and isinstance(each.this, exp.Identifier) and each.name not in tables:
            found.tables.add(each.name)
        with_ = _with(each)
        if with_ is not None:
            tables |= {cte.alias for cte in with_.expressions}
        if isinstance(each, exp.Select):
            items |= from_names(each)
        waiting += [(child, items, tables) for child in each.iter_expressions()]
    return found


def _with(node: exp.Expr) -> exp.With | None:
    found = node.args.get("with_")
    return found if isinstance(found, exp.With) else None


def from_names(select: exp.Select) -> set[str]:
    """The aliases of a block's FROM items."""
    return set(_from_names(select))


def _from_names(select: exp.Select) -> Iterator[str]:
    for key in ("from_", "joins", "laterals"):
        parts = select.args.get(key) or []
        for part in parts if isinstance(parts, list) else [parts]:
            for item in part.walk(prune=lambda node: isinstance(node, exp.Query)):
                if isinstance(item, (exp.Table, exp.Subquery, exp.Lateral, exp.Values)):
                    yield item.alias_or_name


def is_stored(name: str) -> bool:
    """Whether DuckDB's table of a name is one of ours, `Table.storage_name`."""
    return name.startswith("t") and name[1:].isdigit()


def remember_definitions(tree: Node) -> None:
    """Keep the CTEs as they are now, for `standalone`, until `forget_definitions`."""
    for cte in tree.find_all(exp.CTE):
        cte.meta[_DEFINITION] = cte.this.copy()


def forget_definitions(tree: Node) -> None:
    for cte in tree.find_all(exp.CTE):
        cte.meta.pop(_DEFINITION, None)


def standalone(node: Node, block: exp.Select) -> Node | None:
    """A copy to be evaluated apart from the query: its subqueries bring along the CTEs that they read.

    None where it reads what only the whole query has at hand: system catalogs, a recursive CTE that is
    being computed, CTEs that see outer rows.
    """
    wanted = {name for name in needs_of(node).tables if not is_stored(name)}
    copied = node.copy()
    if not wanted:
        return copied
    definitions = _closure(wanted, block)
    if definitions is None:
        return None
    for query in _queries(copied):
        if needs_of(query).tables & definitions.keys():
            _prepend(query, definitions)
    return copied


def _closure(wanted: set[str], block: exp.Select) -> dict[str, exp.CTE] | None:
    """The CTEs of these names and those that they read, in the order of their definition."""
    visible = _visible(block)
    if visible is None:
        return None
    waiting, needed = list(wanted), set[str]()
    while waiting:
        name = waiting.pop()
        if name in needed or is_stored(name):
            continue
        definition = visible.get(name)
        if definition is None:
            return None
        needs = needs_of(definition.meta[_DEFINITION])
        if needs.items:
            return None
        needed.add(name)
        waiting += needs.tables - {name}
    return {name: definition for name, definition in visible.items() if name in needed}


def _visible(block: exp.Select) -> dict[str, exp.CTE] | None:
    """The CTEs that a block sees, outermost first; None where one name means several."""
    levels: list[list[exp.CTE]] = []
    child: exp.Expr = block
    within: exp.CTE | None = None
    while True:
        with_ = _with(child)
        if with_ is not None:
            ctes = list(with_.expressions)
            before = [at for at, cte in enumerate(ctes) if cte is within]
            levels.insert(0, ctes[: before[0]] if before else ctes)
        if child.parent is None:
            break
        within = child if isinstance(child, exp.CTE) else within
        child = child.parent
    found: dict[str, exp.CTE] = {}
    for cte in (cte for level in levels for cte in level):
        if cte.alias in found:
            return None
        found[cte.alias] = cte
    return found


def _queries(node: Node) -> list[Node]:
    """The outermost queries in an expression, out of their parentheses."""
    return [each for each in node.walk(prune=_is_query) if isinstance(each, Node) and _is_query(each)]


def _is_query(node: exp.Expr) -> bool:
    return isinstance(node, exp.Query) and not isinstance(node, exp.Subquery)


def _prepend(query: Node, definitions: dict[str, exp.CTE]) -> None:
    ctes = []
    for definition in definitions.values():
        cte = definition.copy()
        cte.set("this", definition.meta[_DEFINITION].copy())
        cte.meta.pop(_DEFINITION)
        ctes.append(cte)
    own = _with(query)
    is_recursive = any(_is_recursive(cte) for cte in definitions.values()) or (
        own is not None and bool(own.args.get("recursive"))
    )
    with_ = exp.With(
        expressions=[*ctes, *(own.expressions if own is not None else [])], recursive=is_recursive
    )
    query.set("with_", with_)


def _is_recursive(cte: exp.CTE) -> bool:
    return isinstance(cte.parent, exp.With) and bool(cte.parent.args.get("recursive"))
