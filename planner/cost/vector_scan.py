"""Strategies of a vector search and their prices; the cheapest that meets the recall target wins.

Prices are seconds, from constants measured on the machine and the index's own calibration. What a
strategy needs is passed in as plain numbers, so that the planner touches no index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Strategy(Enum):
    """How the nearest rows are found; the value is what EXPLAIN prints."""

    EXACT_SCAN = "exact scan"
    PREFILTER = "pre-filter, then exact"
    FILTERED_INDEX = "filtered index traversal"
    POSTFILTER = "index search, then filter"
    INDEX = "index search"
    RANGE = "exact range scan"
    DUCKDB = "exact, inside the transaction"


@dataclass(frozen=True, slots=True)
class SearchShape:
    """What a search is: sizes and shares."""

    rows: int  # live rows of the table
    dimensions: int
    k: int
    selectivity: float = 1.0  # estimated share of rows that the filter keeps
    has_filter: bool = False


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of the elementary steps, as functions measured on this machine."""

    exact_scan: Callable[[int, int], float]  # rows, dimensions
    gather: Callable[[int, int], float]  # picked rows, dimensions
    filter_fixed: float = 1.1e-3  # a DuckDB query over the snapshot before its first row
    filter_per_row: float = 12e-9
    candidate_filter: float = 1.1e-3  # a filter over a handful of candidates
    selector_per_row: float = 1.2e-9  # turning a mask into FAISS's bitmap


@dataclass(frozen=True, slots=True)
class IndexCosts:
    """One index's calibrated answers; effort is None where the target cannot be met."""

    name: str
    effort_for: Callable[[int, float], int | None]  # k, selectivity
    seconds: Callable[[int, float], float]  # effort, selectivity


@dataclass(frozen=True, slots=True)
class Alternative:
    """A strategy with its price; `effort` and `candidates` where they mean something."""

    strategy: Strategy
    seconds: float
    index: str | None = None
    effort: int | None = None
    candidates: int | None = None


# Post-filtering asks for this many times the candidates that the estimate says it needs.
OVERFETCH = 1.5
MOST_CANDIDATES = 4096


def alternatives(shape: SearchShape, costs: Costs, indexes: list[IndexCosts]) -> list[Alternative]:
    """Every strategy that can answer, cheapest first."""
    found = [_exact(shape, costs)]
    if shape.has_filter:
        found = [_prefilter(shape, costs)]
    for index in indexes:
        found.extend(_with_index(shape, costs, index))
    return sorted(found, key=lambda each: each.seconds)


def _exact(shape: SearchShape, costs: Costs) -> Alternative:
    return Alternative(Strategy.EXACT_SCAN, costs.exact_scan(shape.rows, shape.dimensions))


def _prefilter(shape: SearchShape, costs: Costs) -> Alternative:
    survivors = max(int(shape.rows * shape.selectivity), 1)
    exact = min(costs.gather(survivors, shape.dimensions), costs.exact_scan(shape.rows, shape.dimensions))
    return Alternative(Strategy.PREFILTER, _filter(shape, costs) + exact)


def _filter(shape: SearchShape, costs: Costs) -> float:
    return costs.filter_fixed + shape.rows * costs.filter_per_row


def _with_index(shape: SearchShape, costs: Costs, index: IndexCosts) -> list[Alternative]:
    if not shape.has_filter:
        effort = index.effort_for(shape.k, 1.0)
        if effort is None:
            return []
        return [Alternative(Strategy.INDEX, index.seconds(effort, 1.0), index.name, effort)]
    found: list[Alternative] = []
    effort = index.effort_for(shape.k, shape.selectivity)
    if effort is not None:
        seconds = (
            _filter(shape, costs)
            + shape.rows * costs.selector_per_row
            + index.seconds(effort, shape.selectivity)
        )
        found.append(Alternative(Strategy.FILTERED_INDEX, seconds, index.name, effort))
    candidates = int(shape.k / max(shape.selectivity, 1e-6) * OVERFETCH) + 8
    wide = index.effort_for(candidates, 1.0) if candidates <= MOST_CANDIDATES else None
    if wide is not None:
        seconds = index.seconds(max(wide, candidates), 1.0) + costs.candidate_filter
        found.append(Alternative(Strategy.POSTFILTER, seconds, index.name, max(wide, candidates), candidates))
    return found
