"""RETURNING: output expressions over the written rows and the tables that they were joined with."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.schema import Table

from ..bind.binder import Binder
from ..bind.coerce import settle
from ..bind.from_items import expand_star, scope_columns
from ..bind.names import output_name
from ..bind.primaries import fold
from ..bind.scope import RangeEntry, Scope, ScopeColumn
from ..bind.typed import Node, quoted
from .assignment import refuse_aggregates
from .plans import NEW_ROWS, Returning


def bind_returning(
    binder: Binder, tree: Node, table: Table, alias: str, others: list[RangeEntry] | None = None
) -> tuple[Returning | None, list[Node]]:
    """The query over NEW_ROWS, and the further columns that the rows must bring for it.

    What RETURNING reads of `others` (FROM, USING) travels with the rows: those tables are gone, or
    changed, when the rows are written.
    """
    returning = tree.args.get("returning")
    if returning is None:
        return None, []
    own = RangeEntry(alias, scope_columns(table.columns, table.oid), access=binder.written)
    scope = Scope(entries=[own, *(others or [])])
    items: list[Node] = []
    columns: list[ScopeColumn] = []
    for item in expand_star(returning.expressions, scope):
        name = fold(item.args["alias"]) if isinstance(item, exp.Alias) else output_name(item)
        inner = item.this if isinstance(item, exp.Alias) else item
        refuse_aggregates(inner, "RETURNING")
        value = settle(binder, binder.expression(inner.copy(), scope))
        columns.append(ScopeColumn(name, value.type, value.typmod, value.table_oid, value.attribute))
        items.append(exp.Alias(this=value.node, alias=quoted(name)))
    extras = _extract(items, {entry.alias for entry in others or []}, alias)
    rows = exp.Table(this=quoted(NEW_ROWS), alias=exp.TableAlias(this=quoted(alias)))
    return Returning(exp.Select(expressions=items).from_(rows), tuple(columns)), extras


def _extract(items: list[Node], aliases: set[str], alias: str) -> list[Node]:
    """Let columns of the other tables be read from NEW_ROWS; returns them under their new names."""
    extras: dict[tuple[str, str], Node] = {}
    for item in items:
        for column in list(item.find_all(exp.Column)):
            if column.table not in aliases:
                continue
            key = (column.table, column.name)
            name = f"sqlvec_other_{list(extras).index(key) if key in extras else len(extras)}"
            extras.setdefault(key, exp.Alias(this=column.copy(), alias=quoted(name)))
            column.set("this", quoted(name))
            column.set("table", quoted(alias))
    return list(extras.values())
