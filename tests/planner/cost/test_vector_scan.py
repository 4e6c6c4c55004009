"""The prices of strategies, with constants written out so that every choice can be checked by hand."""

from __future__ import annotations

from sqlvec.planner.cost.vector_scan import (
    MOST_CANDIDATES,
    Costs,
    IndexCosts,
    SearchShape,
    Strategy,
    alternatives,
)

# A scan costs 1 us per row, a picked row 2 us, DuckDB and selectors nothing: sums stay readable.
COSTS = Costs(
    exact_scan=lambda rows, dimensions: rows * 1e-6,
    gather=lambda rows, dimensions: rows * 2e-6,
    filter_fixed=1e-3,
    filter_per_row=0.0,
    candidate_filter=1e-3,
    selector_per_row=0.0,
)


def index(effort: int | None = 40, seconds_per_effort: float = 10e-6) -> IndexCosts:
    return IndexCosts(
        "idx", lambda k, selectivity: effort, lambda effort, selectivity: effort * seconds_per_effort
    )


def strategies(shape: SearchShape, *indexes: IndexCosts) -> list[Strategy]:
    return [each.strategy for each in alternatives(shape, COSTS, list(indexes))]


def test_without_an_index_an_unfiltered_search_scans() -> None:
    assert strategies(SearchShape(100_000, 3, 10)) == [Strategy.EXACT_SCAN]


def test_without_an_index_a_filtered_search_filters_first() -> None:
    assert strategies(SearchShape(100_000, 3, 10, 0.5, has_filter=True)) == [Strategy.PREFILTER]


def test_a_large_table_is_searched_through_its_index() -> None:
    assert strategies(SearchShape(100_000, 3, 10), index()) == [Strategy.INDEX, Strategy.EXACT_SCAN]


def test_a_small_table_is_scanned_though_it_has_an_index() -> None:
    assert strategies(SearchShape(100, 3, 10), index())[0] is Strategy.EXACT_SCAN


def test_a_recall_target_out_of_reach_leaves_the_exact_answer() -> None:
    assert strategies(SearchShape(100_000, 3, 10), index(effort=None)) == [Strategy.EXACT_SCAN]


def test_a_rare_filter_is_answered_exactly() -> None:
    assert (
        strategies(SearchShape(100_000, 3, 10, 0.0005, has_filter=True), index(400))[0] is Strategy.PREFILTER
    )


def test_a_common_filter_is_answered_by_the_index() -> None:
    chosen = strategies(SearchShape(1_000_000, 3, 10, 0.5, has_filter=True), index(100))[0]
    assert chosen in (Strategy.FILTERED_INDEX, Strategy.POSTFILTER)


def test_postfiltering_is_not_offered_when_it_would_need_too_many_candidates() -> None:
    selectivity = 10 / MOST_CANDIDATES / 2
    shape = SearchShape(10_000_000, 3, 10, selectivity, has_filter=True)
    assert Strategy.POSTFILTER not in strategies(shape, index())


def test_postfiltering_asks_for_more_candidates_the_fewer_pass() -> None:
    def candidates(selectivity: float) -> int:
        found = alternatives(SearchShape(100_000, 3, 10, selectivity, has_filter=True), COSTS, [index()])
        return next(each.candidates or 0 for each in found if each.strategy is Strategy.POSTFILTER)

    assert candidates(0.5) < candidates(0.1) < candidates(0.02)


def test_the_cheapest_comes_first() -> None:
    found = alternatives(SearchShape(50_000, 3, 10, 0.2, has_filter=True), COSTS, [index(), index(80)])
    assert [each.seconds for each in found] == sorted(each.seconds for each in found)
