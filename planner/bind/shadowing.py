"""Shadowing: FROM items named like a column further in. There DuckDB takes x.id for a field of the column x,
PostgreSQL for the column of the item x; so the item gets a name that nothing else has.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from .distance import MARK, Distance
from .typed import Node, quoted


def rename_items(tree: Node, names: set[str]) -> None:
    """Give FROM items of a bound query other names, wherever they stand; columns follow."""
    for node in tree.walk():
        if isinstance(node, exp.Column) and node.table in names:
            node.set("table", quoted(_fresh(node.table)))
        elif isinstance(node, exp.TableAlias) and node.name in names and not isinstance(node.parent, exp.CTE):
            node.set("this", quoted(_fresh(node.name)))
        mark = node.meta.get(MARK) if node._meta else None
        if isinstance(mark, Distance) and mark.alias in names:
            node.meta[MARK] = replace(mark, alias=_fresh(mark.alias))


def _fresh(name: str) -> str:
    return f"{name}(item)"
