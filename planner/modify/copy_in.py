"""COPY FROM: the insertion of rows that the engine registers."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.schema import Table

from ..bind.scope import ScopeColumn
from ..bind.typed import Node, Typed, quoted
from ..catalog import Catalog
from ..plan import new_binder
from .assignment import assign, default_of
from .insert import note_sequences, omitted_sequences
from .plans import InsertPlan
from .rules import row_rules


def plan_copy(catalog: Catalog, table: Table, given: tuple[ScopeColumn, ...], source: str) -> InsertPlan:
    """`source` is the registered table, whose columns are named as the target's."""
    binder = new_binder(catalog, "")
    values = {
        c.name: Typed(exp.column(quoted(c.name), table=quoted(source)), c.type, c.typmod) for c in given
    }
    items: list[Node] = []
    for column in table.columns:
        value = values.get(column.name)
        if value is not None:
            node = assign(binder, column, value).node
        else:
            node = default_of(binder, column, omitted=True)
        items.append(exp.Alias(this=node, alias=quoted(column.name)))
    rows = exp.Select(expressions=items).from_(exp.Table(this=quoted(source)))
    omitted = omitted_sequences(table, [c for c in table.columns if c.name in values])
    written = binder.access(table, "a")
    written.inserted.update(column.number for column in table.columns if column.name in values)
    note_sequences(binder, table, omitted)
    rules = row_rules(catalog, table)
    return InsertPlan(
        table, rows, (), {}, None, frozenset(), (), omitted, rules, None, accesses=tuple(binder.accesses)
    )
