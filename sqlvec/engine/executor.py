"""Executor: a query plan to a stream of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from sqlglot import exp

from sqlvec.core.outcome import ResultColumn
from sqlvec.core.types.registry import type_from_duckdb
from sqlvec.planner.bind.registered import ALIASES, alias_text
from sqlvec.planner.bind.scope import ScopeColumn
from sqlvec.planner.bind.typed import Node
from sqlvec.planner.catalog import SystemRelation
from sqlvec.planner.logical import DISTANCE, QueryPlan, VectorSearch, parameters_of, sql_of
from sqlvec.storage.batch_size import rows_at_once
from sqlvec.storage.duck import Cursor
from sqlvec.storage.pg_catalog import CatalogContext, lookup, to_arrow

from .evaluate import row_count
from .locking import RowLocker
from .rows import Stream, result_columns
from .search import Searcher, SearchReport, columns_of
from .transaction import Transaction
from .values import ParameterValues


@dataclass(slots=True)
class QueryReport:
    """What EXPLAIN ANALYZE tells of a run."""

    searches: list[SearchReport] = field(default_factory=list)
    seconds: float = 0.0
    rows: int = 0
    strategy: str | None = None  # where searches were left to DuckDB


@dataclass(frozen=True, slots=True)
class Execution:
    """What one execution needs from its session."""

    cursor: Cursor
    searcher: Searcher
    context: Callable[[], CatalogContext]
    values: ParameterValues
    locker: RowLocker
    transaction: Transaction


def run_query(plan: QueryPlan, execution: Execution, report: QueryReport | None = None) -> Stream:
    """Run searches first; what remains runs in DuckDB, or nowhere when a search's rows are the answer."""
    report = report if report is not None else QueryReport()
    results = execution.locker.run(plan.locking)
    if plan.mixes_sources:
        execution.searcher.pin(execution.transaction.open_view(plan.tables, _wanted(plan)))
    try:
        for search in plan.searches:
            rows, found = execution.searcher.run(search, execution.values)
            results[search.storage_name] = rows
            report.searches.append(found)
        direct = _direct(plan, results, execution)
        if direct is not None:
            columns = result_columns(plan.columns, direct.schema)
            return Stream(columns, iter(direct.to_batches(max_chunksize=rows_at_once(direct))))
        return _stream(plan, results, execution)
    except BaseException:
        execution.transaction.close_view()
        raise


def _wanted(plan: QueryPlan) -> dict[int, set[str]]:
    """The columns that the searches read, by table."""
    wanted: dict[int, set[str]] = {}
    for search in plan.searches:
        wanted.setdefault(search.table_oid, set()).update(columns_of(search))
    return wanted


def _stream(plan: QueryPlan, results: dict[str, pa.Table], execution: Execution) -> Stream:
    tables = {**results, **system_tables(plan.system_relations, execution.context())}
    for name, table in tables.items():
        execution.cursor.register(name, table)

    def close() -> None:
        for name in tables:
            execution.cursor.unregister(name)
        execution.transaction.close_view()

    try:
        sql = sql_of(with_output_casts(plan.tree, plan.columns))
        reader = execution.cursor.batches(sql, execution.values.python(parameters_of(plan.tree)))
        return Stream(result_columns(plan.columns, reader.schema), iter(reader), close=close)
    except BaseException:
        close()
        raise


def system_tables(relations: Mapping[str, SystemRelation], context: CatalogContext) -> dict[str, pa.Table]:
    """The system catalogs that a statement reads, made from the catalog value."""
    found: dict[str, pa.Table] = {}
    for name, relation in relations.items():
        system = lookup(relation.schema, relation.name)
        assert system is not None
        found[name] = to_arrow(system, context)
    return found


def with_output_casts(tree: Node, columns: tuple[ScopeColumn, ...]) -> Node:
    """Cast columns that lose information in DuckDB's Arrow export (timetz loses its zone); name OIDs."""
    if not any(_is_cast_for_output(column) for column in columns):
        return tree
    names = [f"c{index}" for index in range(len(columns))]
    alias = exp.TableAlias(this=exp.to_identifier("o"), columns=[exp.to_identifier(name) for name in names])
    items = [_for_output(exp.column(name), column) for name, column in zip(names, columns, strict=True)]
    return exp.Select(expressions=items).from_(exp.Subquery(this=tree.copy(), alias=alias))


def _is_cast_for_output(column: ScopeColumn) -> bool:
    return column.type is not None and (column.type.output_cast is not None or column.type.name in ALIASES)


def _for_output(node: Node, column: ScopeColumn) -> Node:
    if column.type is not None and column.type.name in ALIASES:
        return alias_text(node, column.type)
    target = column.type.output_cast if column.type is not None else None
    return exp.Cast(this=node, to=exp.DataType.build(target, dialect="duckdb")) if target else node


def _direct(plan: QueryPlan, results: dict[str, pa.Table], execution: Execution) -> pa.Table | None:
    """A top-level SELECT of plain columns from one search needs no DuckDB: the rows are there, sorted."""
    tree = plan.tree
    if len(plan.searches) != 1 or not isinstance(tree, exp.Select):
        return None
    search = plan.searches[0]
    if not _is_plain(tree, search):
        return None
    rows = results[search.storage_name]
    picked = [rows.column(item.this.name) for item in tree.expressions]
    offset = (
        int(row_count(search.offset, execution.cursor, execution.values) or 0)
        if search.offset is not None
        else 0
    )
    limit = row_count(search.limit, execution.cursor, execution.values) if search.limit is not None else None
    table = pa.table(picked, names=[str(index) for index in range(len(picked))])
    return table.slice(offset, limit)


def _is_plain(tree: exp.Select, search: VectorSearch) -> bool:
    if search.limit is None or search.needs_ties:
        return False
    if any(tree.args.get(key) for key in ("where", "with_", "with", "joins", "laterals")):
        return False
    from_ = tree.args.get("from_") or tree.args.get("from")
    if from_ is None or from_.this.name != search.storage_name:
        return False
    names = {*search.columns, DISTANCE}
    return all(isinstance(item.this, exp.Column) and item.this.name in names for item in tree.expressions)


def describe(plan: QueryPlan, cursor: Cursor, context: CatalogContext) -> tuple[ResultColumn, ...]:
    """The result's columns before execution; DuckDB is asked for types that binding did not find."""
    if all(column.type is not None for column in plan.columns):
        return result_columns(plan.columns)
    tree = plan.tree.copy()
    for parameter in list(tree.find_all(exp.Parameter)):
        if parameter is not tree:
            parameter.replace(exp.Null())
    tables = system_tables(plan.system_relations, context)
    with cursor.registered(tables):
        rows = cursor.rows(f"DESCRIBE {sql_of(tree)}")
    kinds = [type_from_duckdb(row[1]) for row in rows]
    return tuple(
        ResultColumn(c.name, c.type or kind, c.typmod, c.table_oid, c.attribute)
        for c, kind in zip(plan.columns, kinds, strict=True)
    )
