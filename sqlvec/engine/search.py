"""Vector search: strategy chosen by price, candidates found, their rows handed to the query as Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sqlvec.core.errors import (
    DataException,
    InvalidRowCountInLimitClause,
    InvalidRowCountInOffsetClause,
)
from sqlvec.core.settings.session import SessionSettings
from sqlvec.planner.cost.vector_scan import (
    Alternative,
    Costs,
    IndexCosts,
    SearchShape,
    Strategy,
    alternatives,
)
from sqlvec.planner.logical import DISTANCE, VectorSearch
from sqlvec.storage.duck import Cursor
from sqlvec.storage.index.attached import AttachedIndex
from sqlvec.storage.index.exact import exact_top_k, within_radius
from sqlvec.storage.index.metric import Metric
from sqlvec.storage.snapshot import Bools, Floats, Ints, TableSnapshot
from sqlvec.storage.store import Store

from .evaluate import filter_columns, filter_key, filter_mask, query_vector, row_count, scalar
from .values import ParameterValues

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLE = 1024  # rows on which a filter's selectivity is measured
_FORCED = {
    "exact_scan": Strategy.EXACT_SCAN,
    "prefilter": Strategy.PREFILTER,
    "filtered_index": Strategy.FILTERED_INDEX,
    "postfilter": Strategy.POSTFILTER,
}


@dataclass(slots=True)
class SearchReport:
    """What EXPLAIN tells of one search."""

    search: VectorSearch
    chosen: Alternative
    considered: list[Alternative] = field(default_factory=list)
    table: str = ""
    rows: int = 0
    estimated_selectivity: float = 1.0
    actual_selectivity: float | None = None
    expected_recall: float = 1.0
    is_exact: bool = True
    returned: int = 0
    distance_computations: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Task:
    """One search with everything that it needs resolved."""

    search: VectorSearch
    snapshot: TableSnapshot
    metric: Metric
    query: Floats
    k: int
    cursor: Cursor
    values: ParameterValues
    alive: Bools  # live rows with a vector
    indexes: tuple[AttachedIndex, ...]  # of the column and metric; a DROP INDEX meanwhile changes nothing


def columns_of(search: VectorSearch) -> list[str]:
    """What a search reads of its table."""
    filters = filter_columns(search.filter, search.alias) if search.filter is not None else []
    if search.guard is not None:
        filters = [*filters, *filter_columns(search.guard.predicate, search.guard.alias)]
    return [search.column, *search.columns, *filters]


class Searcher:
    """Runs the vector searches of one statement."""

    def __init__(self, store: Store, cursor: Cursor, settings: SessionSettings, costs: Costs) -> None:
        self._store = store
        self._cursor = cursor
        self._settings = settings
        self._costs = costs
        self._pinned: Mapping[int, TableSnapshot] = {}

    def pin(self, snapshots: Mapping[int, TableSnapshot]) -> None:
        """Search these from now on, by table, not the newest ones."""
        self._pinned = snapshots

    def run(
        self, search: VectorSearch, values: ParameterValues, *, execute: bool = True
    ) -> tuple[pa.Table, SearchReport]:
        """The rows that the rest of the query reads, nearest first, with their distance."""
        started = perf_counter()
        columns = columns_of(search)
        pinned = self._pinned.get(search.table_oid)
        snapshot = pinned if pinned is not None else self._store.snapshot(search.table_oid, columns)
        task = self._task(search, snapshot, values)
        report = self._plan(task)
        if not execute:
            return pa.table({}), report
        positions, distances = self._find(task, report)
        rows = _rows(task, positions, distances, self._without_distance(task, len(positions)))
        report.returned = rows.num_rows
        report.seconds = perf_counter() - started
        return rows, report

    def _task(self, search: VectorSearch, snapshot: TableSnapshot, values: ParameterValues) -> _Task:
        query = query_vector(search.operand, self._cursor, values)
        column = snapshot.vectors(search.column)
        dimensions = column.matrix.shape[1]
        metric = Metric(search.metric)
        indexes = self._indexes(search, metric)
        if query is not None and len(query) != dimensions:
            # pgvector's index scan compares the query with the row, its sequential scan the other way round.
            pair = (len(query), dimensions) if indexes else (dimensions, len(query))
            raise DataException(f"different vector dimensions {pair[0]} and {pair[1]}")
        alive = column.valid if snapshot.live is None else column.valid & snapshot.live
        if query is None:
            # Every distance from NULL is NULL: no row is nearer than another.
            query, alive = np.zeros(dimensions, np.float32), np.zeros(len(snapshot), np.bool_)
        k = self._row_count(search, values)
        return _Task(search, snapshot, metric, query, k, self._cursor, values, alive, indexes)

    def _row_count(self, search: VectorSearch, values: ParameterValues) -> int:
        if search.limit is None:
            return 0
        limit = row_count(search.limit, self._cursor, values)
        offset = row_count(search.offset, self._cursor, values) if search.offset is not None else 0
        if limit is not None and limit < 0:
            raise InvalidRowCountInLimitClause("LIMIT must not be negative")
        if offset is not None and offset < 0:
            raise InvalidRowCountInOffsetClause("OFFSET must not be negative")
        # LIMIT NULL is no limit.
        return 2**31 if limit is None else limit + (offset or 0)

    # Planning ------------------------------------------------------------------------------------------

    def _plan(self, task: _Task) -> SearchReport:
        table = self._store.table_store(task.search.table_oid).table
        if task.search.radius is not None:
            chosen = Alternative(Strategy.RANGE, self._costs.exact_scan(len(task.snapshot), len(task.query)))
            return SearchReport(task.search, chosen, [chosen], table.name, task.snapshot.live_count)
        selectivity = self._selectivity(task)
        rows = task.snapshot.live_count
        shape = SearchShape(rows, len(task.query), min(task.k, rows), selectivity, task.search.is_filtered)
        considered = alternatives(shape, self._costs, self._index_costs(task))
        chosen = self._preferred(considered)
        report = SearchReport(task.search, chosen, considered, table.name, rows, selectivity)
        if chosen.index is not None and chosen.effort is not None:
            report.is_exact = False
            curve = self._index(task, chosen.index).curve
            share = selectivity if chosen.strategy is Strategy.FILTERED_INDEX else 1.0
            report.expected_recall = curve.expected_recall(chosen.effort, max(shape.k, 1), share)
        return report

    def _preferred(self, considered: list[Alternative]) -> Alternative:
        forced = _FORCED.get(self._settings.get("sqlvec.force_strategy"))
        for each in considered:
            if each.strategy is forced or (
                forced is Strategy.FILTERED_INDEX and each.strategy is Strategy.INDEX
            ):
                return each
        if forced is None and not self._settings.is_on("enable_seqscan"):
            return next((each for each in considered if each.index is not None), considered[0])
        return considered[0]

    def _index_costs(self, task: _Task) -> list[IndexCosts]:
        if not self._settings.is_on("enable_indexscan") or task.k == 0:
            return []
        target = self._settings.number("sqlvec.recall_target")
        return [self._priced(index, target) for index in task.indexes]

    def _indexes(self, search: VectorSearch, metric: Metric) -> tuple[AttachedIndex, ...]:
        return tuple(
            index
            for index in self._store.indexes_of(search.table_oid)
            if index.column == search.column and index.metric is metric and index.definition.where is None
        )

    def _index(self, task: _Task, name: str) -> AttachedIndex:
        return next(index for index in task.indexes if index.definition.name == name)

    def _priced(self, index: AttachedIndex, target: float) -> IndexCosts:
        override = self._effort_override(index)
        is_forced = self._settings.get("sqlvec.force_strategy") in ("filtered_index", "postfilter")
        curve = index.curve

        def effort_for(k: int, selectivity: float) -> int | None:
            if override is not None:
                return max(override, k) if index.definition.method == "hnsw" else override
            found = curve.effort_for(target, k, selectivity)
            # A forced index searches as hard as it can where the target is out of its reach.
            return index.structure.effort_range[1] if found is None and is_forced else found

        return IndexCosts(index.definition.name, effort_for, curve.seconds_per_search)

    def _effort_override(self, index: AttachedIndex) -> int | None:
        name = "hnsw.ef_search" if index.definition.method == "hnsw" else "ivfflat.probes"
        return None if self._settings.is_default(name) else self._settings.integer(name)

    def _selectivity(self, task: _Task) -> float:
        """Measured on a sample of rows, spread evenly over the table."""
        if not task.search.is_filtered:
            return 1.0
        live = np.flatnonzero(task.alive)
        if len(live) == 0:
            return 1.0
        known = self._store.table_store(task.search.table_oid).selectivities
        key = _key(task)
        found = known.get(key, len(live))
        if found is None:
            sample = live[:: max(len(live) // _SAMPLE, 1)]
            mask = _passing(task, sample)
            found = float((np.count_nonzero(mask) + 0.5) / (len(sample) + 1))
            known.put(key, len(live), found)
        return found

    # Execution -----------------------------------------------------------------------------------------

    def _find(self, task: _Task, report: SearchReport) -> tuple[Ints, NDArray[np.float64]]:
        if task.search.radius is not None:
            return self._range(task, report)
        if task.k == 0:
            return np.empty(0, np.int64), np.empty(0)
        strategy = report.chosen.strategy
        if strategy is Strategy.POSTFILTER:
            found = self._postfilter(task, report)
            if found is not None:
                return found
            strategy = Strategy.PREFILTER
        allowed = self._allowed(task, report)
        if strategy in (Strategy.INDEX, Strategy.FILTERED_INDEX):
            return self._traverse(task, report, allowed)
        return self._exact(task, report, allowed)

    def _allowed(self, task: _Task, report: SearchReport) -> Bools:
        if not task.search.is_filtered:
            return task.alive
        mask = _passing(task)
        mask &= task.alive
        report.actual_selectivity = float(np.count_nonzero(mask)) / max(report.rows, 1)
        return mask

    def _traverse(
        self, task: _Task, report: SearchReport, allowed: Bools
    ) -> tuple[Ints, NDArray[np.float64]]:
        """Search the index among the allowed rows; exact where few are left or too few were found."""
        index = self._index(task, report.chosen.index or "")
        survivors = int(np.count_nonzero(allowed)) if task.search.is_filtered else report.rows
        effort = report.chosen.effort
        if task.search.is_filtered:
            effort = self._priced(index, self._settings.number("sqlvec.recall_target")).effort_for(
                min(task.k, survivors) or 1, survivors / max(report.rows, 1)
            )
            exact = self._costs.gather(survivors, len(task.query))
            if effort is None or exact < index.curve.seconds_per_search(
                effort, survivors / max(report.rows, 1)
            ):
                return self._exact(task, report, allowed)
        assert effort is not None
        mask = allowed if task.search.is_filtered or not task.alive.all() else None
        wanted = task.k + (32 if task.search.needs_ties else 0)
        found = index.search(task.snapshot, task.search.column, task.query, wanted, effort, mask)
        report.distance_computations += found.distance_computations
        if len(found.positions) < min(task.k, survivors) or _cuts_a_tie(task, found.distances, wanted):
            return self._exact(task, report, allowed)
        return found.positions, found.distances

    def _exact(self, task: _Task, report: SearchReport, allowed: Bools) -> tuple[Ints, NDArray[np.float64]]:
        report.is_exact = True
        report.expected_recall = 1.0
        matrix = task.snapshot.vectors(task.search.column).matrix
        survivors = None if allowed.all() else np.flatnonzero(allowed)
        count = len(matrix) if survivors is None else len(survivors)
        report.distance_computations += count
        wanted = min(task.k, count)
        if not task.search.needs_ties:
            return exact_top_k(matrix, task.query, wanted, task.metric, survivors)
        return self._exact_with_ties(task, survivors, wanted, count)

    def _exact_with_ties(
        self, task: _Task, survivors: Ints | None, wanted: int, count: int
    ) -> tuple[Ints, NDArray[np.float64]]:
        """Also every row as near as the k-th, for the sort keys behind the distance."""
        matrix = task.snapshot.vectors(task.search.column).matrix
        ask = min(wanted + 64, count)
        while True:
            positions, distances = exact_top_k(matrix, task.query, ask, task.metric, survivors)
            if ask >= count or distances[-1] > distances[min(wanted, len(distances)) - 1]:
                return positions, distances
            ask = min(ask * 4, count)

    def _postfilter(self, task: _Task, report: SearchReport) -> tuple[Ints, NDArray[np.float64]] | None:
        """Search first, filter the candidates, widen once; None when that did not give k rows."""
        assert task.search.is_filtered
        index = self._index(task, report.chosen.index or "")
        candidates = report.chosen.candidates or task.k
        for _ in range(2):
            mask = None if task.alive.all() else task.alive
            effort = max(report.chosen.effort or 1, candidates)
            found = index.search(task.snapshot, task.search.column, task.query, candidates, effort, mask)
            report.distance_computations += found.distance_computations
            kept = _passing(task, found.positions)
            inside = kept[found.positions]
            report.actual_selectivity = float(np.count_nonzero(inside)) / max(len(inside), 1)
            if np.count_nonzero(inside) >= task.k:
                return found.positions[inside], found.distances[inside]
            candidates *= 4
        return None

    def _range(self, task: _Task, report: SearchReport) -> tuple[Ints, NDArray[np.float64]]:
        radius = task.search.radius
        assert radius is not None
        bound = scalar(radius.bound, self._cursor, task.values)
        matrix = task.snapshot.vectors(task.search.column).matrix
        report.distance_computations += len(matrix)
        if bound is None:
            return np.empty(0, np.int64), np.empty(0)
        alive = task.alive & _passing(task) if task.search.guard is not None else task.alive
        live = None if alive.all() else alive
        return within_radius(
            matrix, task.query, float(bound), task.metric, None, live, is_inclusive=radius.is_inclusive
        )

    def _without_distance(self, task: _Task, found: int) -> Ints:
        """Rows without a vector: their NULL distances sort behind the others, when k is not reached, unless
        the query wants them first.
        """
        missing = task.k if task.search.nulls_first else task.k - found
        if task.search.radius is not None or missing <= 0:
            return np.empty(0, np.int64)
        live = task.snapshot.live if task.snapshot.live is not None else np.ones(len(task.snapshot), np.bool_)
        rest = live & ~task.alive
        if task.search.is_filtered and rest.any():
            rest &= _passing(task, np.flatnonzero(rest))
        extra = np.flatnonzero(rest)
        return extra if task.search.needs_ties else extra[:missing]


def _passing(task: _Task, positions: Ints | None = None) -> Bools:
    """The rows that pass the policies and the filter, which is not asked about rows that the policies hide:
    its errors would tell of them.
    """
    search, guard = task.search, task.search.guard
    mask = np.ones(len(task.snapshot), np.bool_)
    if guard is not None:
        mask = filter_mask(guard.predicate, guard.alias, task.snapshot, task.cursor, task.values, positions)
        positions = np.flatnonzero(mask)
    if search.filter is not None:
        mask = filter_mask(search.filter, search.alias, task.snapshot, task.cursor, task.values, positions)
    return mask


def _key(task: _Task) -> str:
    """What tells one filter from another, with its policies."""
    parts = [task.search.filter, task.search.guard.predicate if task.search.guard is not None else None]
    return " AND ".join(filter_key(part, task.values) for part in parts if part is not None)


def _cuts_a_tie(task: _Task, distances: NDArray[np.float64], wanted: int) -> bool:
    """Whether rows as near as the k-th may be missing, though the sort keys behind the distance need them."""
    if not task.search.needs_ties or len(distances) < wanted:
        return False
    return bool(distances[-1] <= distances[task.k - 1])


def _rows(task: _Task, found: Ints, distances: NDArray[np.float64], without: Ints) -> pa.Table:
    """The rows that were found, and those that have no distance, in the query's order."""
    places = [(found, pa.array(distances)), (without, pa.nulls(len(without), pa.float64()))]
    if task.search.nulls_first:
        places.reverse()
    positions = np.concatenate([rows for rows, _ in places])
    columns: dict[str, pa.Array | pa.ChunkedArray] = dict(task.snapshot.take(positions, task.search.columns))
    columns[DISTANCE] = pa.concat_arrays([values for _, values in places])
    return pa.table(columns)
