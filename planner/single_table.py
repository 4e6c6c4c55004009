"""A query block over one base table, and how its table is exchanged for a search's result."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from sqlvec.core.schema import RID, Table

from .bind.distance import mark_of
from .bind.from_items import RELATION
from .bind.row_security import GUARD, Guard
from .bind.typed import Node, quoted
from .logical import DISTANCE, VectorSearch


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


def replace_table(block: exp.Select, table: SingleTable, search: VectorSearch) -> VectorSearch:
    """Read the search's result instead of the table; its distance instead of computing it again."""
    _use_distance(block, search)
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


def _use_distance(block: exp.Select, search: VectorSearch) -> None:
    for node in list(block.walk()):
        mark = mark_of(node) if isinstance(node, Node) and not isinstance(node, exp.Paren) else None
        if mark is None or (mark.metric, mark.alias, mark.column) != (
            search.metric,
            search.alias,
            search.column,
        ):
            continue
        if mark.operand == search.operand:
            node.replace(exp.Column(this=quoted(DISTANCE), table=quoted(search.alias)))
