"""Evaluation of bound scalar expressions outside a query: limits, radii, query vectors, filters."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlglot import exp

from sqlvec.planner.bind.constants import VALUE
from sqlvec.planner.bind.typed import Node
from sqlvec.planner.logical import parameters_of, sql_of
from sqlvec.storage.duck import Cursor
from sqlvec.storage.snapshot import Bools, TableSnapshot

from .values import ParameterValues

POSITION = "sqlvec_position"


def scalar(node: Node, cursor: Cursor, values: ParameterValues) -> Any:
    """The value of an expression without columns; literals and parameters need no query."""
    inner = node
    while isinstance(inner, (exp.Cast, exp.Paren)):
        inner = inner.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        text = str(inner.this)
        return float(text) if any(mark in text for mark in ".eE") else int(text)
    if isinstance(inner, exp.Parameter):
        value = next(iter(values.python(parameters_of(inner)).values()))
        if value is None or isinstance(value, (int, float)):
            return value
    return cursor.rows(f"SELECT {sql_of(node)}", values.python(parameters_of(node)))[0][0]


def row_count(node: Node, cursor: Cursor, values: ParameterValues) -> int | None:
    """LIMIT and OFFSET: fractions round as a cast to bigint does; None for NULL."""
    value = scalar(node, cursor, values)
    return None if value is None else floor(value + (type(value)(1) / 2 if value % 1 else 0))


def query_vector(node: Node, cursor: Cursor, values: ParameterValues) -> npt.NDArray[np.float32] | None:
    """The query vector; None for NULL. Literals and parameters need no query."""
    inner = node
    while isinstance(inner, (exp.Cast, exp.Paren)):
        known = inner.meta.get(VALUE) if inner._meta else None
        if known is not None:
            return np.asarray(known, np.float32)
        inner = inner.this
    if isinstance(inner, exp.Parameter) and values.is_vector(int(inner.this.this)):
        return values.vector(int(inner.this.this))
    table = cursor.table(f"SELECT CAST({sql_of(node)} AS FLOAT[])", values.python(parameters_of(node)))
    value = table.column(0)[0]
    return None if not value.is_valid else np.asarray(value.values, np.float32)


def filter_columns(node: Node, alias: str) -> list[str]:
    """The table's columns that a filter reads."""
    return list(dict.fromkeys(column.name for column in node.find_all(exp.Column) if column.table == alias))


def filter_key(node: Node, values: ParameterValues) -> str:
    """What tells one filter from another: its text and the values in it."""
    return f"{sql_of(node)} {values.python(parameters_of(node))!r}"


def filter_mask(
    node: Node,
    alias: str,
    snapshot: TableSnapshot,
    cursor: Cursor,
    values: ParameterValues,
    positions: npt.NDArray[np.int64] | None = None,
) -> Bools:
    """Which rows of a snapshot pass a filter; with `positions`, only those rows are looked at.

    DuckDB runs the predicate over the snapshot's own columns, so filter and search see one state.
    """
    names = filter_columns(node, alias)
    if positions is None:
        columns: dict[str, Any] = {name: snapshot.arrow(name) for name in names}
        columns[POSITION] = pa.array(np.arange(len(snapshot)))
    else:
        columns = dict(snapshot.take(positions, names))
        columns[POSITION] = pa.array(positions)
    rows = pa.table(columns)
    named = f'"{_escaped(alias)}"'
    sql = f'SELECT {named}."{POSITION}" FROM sqlvec_filter_rows AS {named} WHERE {sql_of(node)}'
    with cursor.registered({"sqlvec_filter_rows": rows}):
        found = cursor.numpy(sql, values.python(parameters_of(node)))[POSITION]
    mask = np.zeros(len(snapshot), np.bool_)
    mask[np.asarray(found, np.int64)] = True
    return mask


def _escaped(name: str) -> str:
    return name.replace('"', '""')
