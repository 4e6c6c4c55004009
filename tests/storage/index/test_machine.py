from dataclasses import fields

from sqlvec.storage.index.machine import DEFAULT_COSTS, MachineCosts, measure_costs


def test_measured_costs_are_within_ten_times_of_the_defaults():
    costs = measure_costs()
    for field in fields(costs):
        ratio = getattr(costs, field.name) / getattr(DEFAULT_COSTS, field.name)
        assert 0.09 < ratio < 11


def test_costs_survive_storing_and_tolerate_other_versions():
    stored = DEFAULT_COSTS.to_dict()
    assert MachineCosts.from_dict(stored) == DEFAULT_COSTS
    del stored["graph_search"]
    assert MachineCosts.from_dict(stored | {"from_the_future": 1.0}) == DEFAULT_COSTS


def test_more_rows_cost_more():
    for seconds in (
        DEFAULT_COSTS.exact_scan_seconds,
        DEFAULT_COSTS.gather_seconds,
        DEFAULT_COSTS.graph_seconds,
    ):
        assert seconds(10, 100) < seconds(1000, 100) < seconds(1000, 1000)
