"""RowRules of a table: generated columns and CHECK constraints, bound over NEW_ROWS."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.schema import Table

from ..bind.coerce import settle
from ..bind.from_items import scope_columns
from ..bind.scope import RangeEntry, Scope
from ..bind.typed import Node
from ..catalog import Catalog
from ..parse import parse_expression
from ..plan import new_binder
from .assignment import assign
from .plans import NEW_ROWS, RowRules


def row_rules(catalog: Catalog, table: Table) -> RowRules:
    scope = Scope(entries=[RangeEntry(NEW_ROWS, scope_columns(table.columns, table.oid))])
    generated: dict[str, Node] = {}
    for column in table.columns:
        if column.generated is not None:
            binder = new_binder(catalog, column.generated)
            value = binder.expression(parse_expression(column.generated), scope)
            generated[column.name] = assign(binder, column, replace(value, position=None)).node
    checks: list[tuple[str, Node]] = []
    for check in table.checks:
        binder = new_binder(catalog, check.expression)
        value = settle(binder, binder.expression(parse_expression(check.expression), scope))
        checks.append((check.name, value.node))
    return RowRules(generated, tuple(checks))
