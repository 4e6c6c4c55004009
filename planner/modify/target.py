"""Target: the table of a data-modifying statement, and the query of the rows that it changes."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import FeatureNotSupported, WrongObjectType
from sqlvec.core.schema import Sequence, Table, View

from ..access import Access
from ..bind.binder import Binder
from ..bind.coerce import as_boolean
from ..bind.from_items import bind_item
from ..bind.primaries import fold
from ..bind.query import bind_ctes
from ..bind.scope import Scope
from ..bind.typed import Node, position_of
from .assignment import refuse_aggregates


def bind_with(binder: Binder, tree: Node, scope: Scope) -> None:
    with_ = with_of(tree)
    if with_ is not None:
        bind_ctes(binder, with_, scope)


def with_of(tree: Node) -> Node | None:
    return tree.args.get("with_") or tree.args.get("with")


def target_table(binder: Binder, node: Node, required: str) -> tuple[Table, str]:
    """The table and the alias under which expressions see it; `required` is the privilege to write."""
    schema = fold(node.args["db"]) if node.args.get("db") is not None else None
    name = fold(node.this)
    relation = binder.relation(schema, name, position_of(node))
    if isinstance(relation, View):
        raise FeatureNotSupported(f'changing rows through view "{name}" is not supported')
    if not isinstance(relation, Table):
        kind = "sequence" if isinstance(relation, Sequence) else "system catalog"
        raise WrongObjectType(f'cannot change {kind} "{name}"')
    binder.tables.add(relation.oid)
    binder.written = binder.access(relation, required)
    alias = node.args.get("alias")
    return relation, (fold(alias.this) if alias is not None and alias.this is not None else name)


def written(binder: Binder) -> Access:
    assert binder.written is not None, "target_table comes first"
    return binder.written


def bind_others(binder: Binder, nodes: list[Node], scope: Scope) -> list[Node]:
    """The items of UPDATE ... FROM and DELETE ... USING."""
    return [bind_item(binder, node, scope) for node in nodes]


def rows_query(
    binder: Binder, tree: Node, items: list[Node], table: Node, others: list[Node], scope: Scope
) -> Node:
    """The query of the rows that WHERE picks, with these output columns."""
    query = exp.Select(expressions=items).from_(table)
    for other in others:
        kind = None if isinstance(other, exp.Lateral) else "cross"
        query = query.join(other, join_type=kind, copy=False)
    where = tree.args.get("where")
    if where is not None:
        refuse_aggregates(where.this, "WHERE")
        condition = as_boolean(binder, binder.expression(where.this, scope), "WHERE")
        query.set("where", exp.Where(this=condition.node))
    with_ = with_of(tree)
    if with_ is not None:
        query.set("with_", with_)
    return query
