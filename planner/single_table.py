"""A query block over one base table, and how its table is exchanged for a search's result."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from sqlvec.core.schema import RID, Table

from .bind.distance import Distance, mark_of
from .bind.from_items import RELATION
from .bind.row_security import GUARD, Guard
from .bind.typed import Node, quoted
from .logical import DISTANCE, QueryPlan, VectorSearch
from .surroundings import from_names, needs_of, standalone


@dataclass(frozen=True, slots=True)
class SingleTable:
    """The one FROM item of a block."""

    table: Table
    alias: str
    guard: Guard | None = None


def single_table(block: exp.Select) -> SingleTable | None:
    """The base table that is all of a block's FROM; None otherwise."""
    from_ = block.args.get("from_") or block.args.get("from")
    if from_ is None or block.args.get("joins") or block.args.get("laterals"):
        return None
    item = from_.this
    guard = item.meta.get(GUARD) if isinstance(item, exp.Subquery) and item._meta else None
    if isinstance(guard, Guard) and not item.args.get("joins"):
        return None if _asks_catalogs(guard.predicate) else SingleTable(guard.table, item.alias, guard)
    if not isinstance(item, exp.Table) or item.args.get("joins"):
        return None
    table = item.meta.get(RELATION)
    return SingleTable(table, item.alias) if isinstance(table, Table) else None


def _asks_catalogs(predicate: Node) -> bool:
    """Whether a policy reads system catalogs, which only whole queries have at hand."""
    return any("__" in table.name for table in predicate.find_all(exp.Table))


def conjuncts(block: exp.Select) -> list[Node]:
    """The conditions that WHERE joins by AND."""
    where = block.args.get("where")
    return _flatten(where.this) if where is not None else []


def _flatten(node: Node) -> list[Node]:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        return [*_flatten(node.this), *_flatten(node.expression)]
    return [node]


def query_vector(plan: QueryPlan, block: exp.Select, operand: Node) -> Node | None:
    """The other side of a distance as one value for the whole block; None if it varies with rows."""
    return None if needs_of(operand).items else apart_from(plan, block, operand)


def apart_from(plan: QueryPlan, block: exp.Select, node: Node) -> Node | None:
    """A part of a block to be evaluated before the query; None if it cannot be, or would be twice."""
    found = standalone(node, block)
    is_changed = found is not None and found != node
    return None if is_changed and plan.is_volatile else found


def replace_table(
    block: exp.Select, table: SingleTable, search: VectorSearch, found: Distance
) -> VectorSearch:
    """Read the search's result instead of the table; its distance instead of computing it again."""
    _use_distance(block, found)
    from_ = block.args.get("from_") or block.args.get("from")
    assert from_ is not None
    alias = exp.TableAlias(this=quoted(table.alias))
    from_.set("this", exp.Table(this=quoted(search.storage_name), alias=alias))
    used = {
        found.name
        for found in block.find_all(exp.Column)
        if found.table == table.alias and found.name not in (DISTANCE, RID)
    }
    columns = tuple(column.name for column in table.table.columns if column.name in used)
    return replace(search, columns=columns, guard=table.guard)


def _same_scope(block: exp.Select, alias: str) -> list[exp.Expr]:
    """The nodes of a block in which an alias means its own FROM item."""

    def hides(node: exp.Expr) -> bool:
        return isinstance(node, exp.Select) and node is not block and alias in from_names(node)

    return [node for node in block.walk(prune=hides) if not hides(node)]


def _use_distance(block: exp.Select, found: Distance) -> None:
    for node in _same_scope(block, found.alias):
        mark = mark_of(node) if isinstance(node, Node) and not isinstance(node, exp.Paren) else None
        if mark is not None and mark.is_same(found):
            node.replace(exp.Column(this=quoted(DISTANCE), table=quoted(found.alias)))
