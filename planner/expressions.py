"""Stored expressions: defaults, generation expressions and CHECKs, bound once to find errors early."""

from __future__ import annotations

from sqlvec.core.errors import FeatureNotSupported, UndefinedObject
from sqlvec.core.schema import Column, Table

from .bind.binder import Binder
from .bind.coerce import as_boolean
from .bind.from_items import scope_columns
from .bind.scope import RangeEntry, Scope
from .bind.typed import Typed
from .catalog import Catalog
from .modify import NEW_ROWS, assign, refuse_aggregates
from .parse import parse_expression
from .plan import new_binder
from .statements import Expression

_UNSET = "unrecognized configuration parameter"


def check_expression(catalog: Catalog, text: str, table: Table | None, column: Column | None) -> None:
    """Bind an expression over a table's columns (none for defaults): a column's value, or a condition."""
    binder, value = bind_over(catalog, text, table)
    if column is not None:
        assign(binder, column, value)
    else:
        as_boolean(binder, value, "CHECK")


def bind_over(catalog: Catalog, text: str, table: Table | None) -> tuple[Binder, Typed]:
    """Bind an expression over NEW_ROWS of a table; subqueries are refused."""
    entries = [RangeEntry(NEW_ROWS, scope_columns(table.columns, table.oid))] if table is not None else []
    binder = new_binder(catalog, text)
    value = binder.expression(parse_expression(text), Scope(entries=entries))
    if binder.tables:
        what = "DEFAULT" if table is None else "check constraint"
        raise FeatureNotSupported(f"cannot use subquery in {what} expression")
    return binder, value


def check_policy(catalog: Catalog, expression: Expression, table: Table) -> None:
    """Bind a policy's expression over a table's columns; it may ask other tables."""
    refuse_aggregates(expression.tree, "policy expressions")
    scope = Scope(entries=[RangeEntry(table.name, scope_columns(table.columns, table.oid))])
    binder = new_binder(catalog, expression.text)
    binder.guarding.add(table.oid)
    try:
        as_boolean(binder, binder.expression(parse_expression(expression.text), scope), "POLICY")
    except UndefinedObject as error:
        if not error.message.startswith(_UNSET):  # a setting that only its users' sessions have
            raise
