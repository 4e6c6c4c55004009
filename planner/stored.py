"""Expressions over a whole table's rows, for ALTER TABLE: fills, conversions, conditions, renames."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import DatatypeMismatch
from sqlvec.core.schema import Column, Table

from .bind.coerce import as_boolean, convert, settle
from .bind.typed import Node, Typed
from .catalog import Catalog
from .expressions import bind_over
from .modify import NEW_ROWS, assign, is_assignable
from .parse import parse_expression
from .parse.keywords import NOT_A_COLUMN
from .plan import new_binder

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def default_value(catalog: Catalog, table: Table, column: Column) -> Node | None:
    """What existing rows get when a column is added; None where that is NULL."""
    text = column.generated if column.generated is not None else column.default
    if text is None:
        return None
    binder, value = bind_over(catalog, text, table if column.generated is not None else None)
    return assign(binder, column, replace(value, position=None)).node


def conversion(catalog: Catalog, table: Table, old: Column, new: Column, using: str | None) -> Node:
    """The new value of a column whose type changes; 42804 when the types need a USING."""
    if using is not None:
        binder, value = bind_over(catalog, using, table)
        return assign(binder, new, replace(value, position=None)).node
    if not is_assignable(old.type, new.type):
        raise DatatypeMismatch(
            f'column "{old.name}" cannot be cast automatically to type {new.type.sql_name}',
            hint=f'You might need to specify "USING {old.name}::{new.type.sql_name}".',
        )
    binder = new_binder(catalog, "")
    column = exp.column(exp.to_identifier(old.name, quoted=True), table=NEW_ROWS)
    return convert(binder, Typed(column, old.type, old.typmod), new.type, new.typmod, explicit=False).node


def condition(catalog: Catalog, table: Table, text: str) -> Node:
    binder, value = bind_over(catalog, text, table)
    return as_boolean(binder, value, "CHECK").node


def key_value(catalog: Catalog, table: Table, text: str) -> Typed:
    """A key of an index over expressions."""
    binder, value = bind_over(catalog, text, table)
    return settle(binder, value)


def mentions(text: str, name: str) -> bool:
    """Whether a stored expression reads a column."""
    return any(found.name == name for found in parse_expression(text).find_all(exp.Column))


def rename_in(text: str, old: str, new: str) -> str:
    """A stored expression with a column renamed."""
    tree = parse_expression(text)
    for found in tree.find_all(exp.Column):
        if found.name == old:
            found.set("this", exp.to_identifier(new, quoted=not _is_plain(new)))
    return tree.sql(dialect="postgres", comments=False, normalize_functions=False)


def _is_plain(name: str) -> bool:
    return _PLAIN_NAME.fullmatch(name) is not None and name not in NOT_A_COLUMN
