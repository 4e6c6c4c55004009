import json

import pytest

from sqlvec.storage.index.recall_curve import CurveNode, RecallCurve

NAN = float("nan")
WIDE = CurveNode(
    1.0,
    (10, 20, 40, 100, 200),
    ((0.8, 0.9, 0.95, 0.97, 0.98), (0.7, 0.85, 0.93, 0.96, 0.98), (NAN, NAN, NAN, 0.9, 0.96)),
    (1e-4, 2e-4, 3e-4, 6e-4, 1e-3),
)
NARROW = CurveNode(0.1, (40, 100), ((0.8, 0.9), (0.7, 0.95), (NAN, 0.4)), (3e-4, 7e-4))
SCATTERED = CurveNode(0.1, (40, 100), ((0.9, 0.96), (0.9, 0.98), (NAN, 0.6)), (3e-4, 7e-4))
CURVE = RecallCurve((WIDE, NARROW), (WIDE, SCATTERED), 1000)


def test_a_measured_recall_takes_the_measured_effort():
    assert CURVE.effort_for(0.93, 10) == 40
    assert CURVE.effort_for(0.96, 100) == 200


def test_between_two_efforts_it_takes_one_in_between():
    assert 40 < CURVE.effort_for(0.95, 10) < 100
    assert CURVE.effort_for(0.94, 10) < CURVE.effort_for(0.95, 10)


def test_between_two_k_and_two_selectivities_it_takes_one_in_between():
    assert CURVE.effort_for(0.9, 10) < CURVE.effort_for(0.9, 30) < CURVE.effort_for(0.9, 100)
    assert CURVE.effort_for(0.9, 10, 1.0) < CURVE.effort_for(0.9, 10, 0.3) < CURVE.effort_for(0.9, 10, 0.1)


def test_what_cannot_be_promised_is_left_to_exact_search():
    assert CURVE.effort_for(1.0, 10) is None
    assert CURVE.effort_for(0.99, 10) is None
    assert CURVE.effort_for(0.5, 10, 0.05) is None
    assert CURVE.effort_for(0.95, 100, 0.1) is None
    assert RecallCurve((), (), 1000).effort_for(0.5, 1) is None


def test_beyond_the_greatest_k_effort_grows_with_k_up_to_the_range():
    assert CURVE.effort_for(0.9, 300) == 300
    assert CURVE.effort_for(0.9, 5000) is None


def test_expected_recall_is_that_of_the_effort_and_falls_with_it():
    assert CURVE.expected_recall(40, 10) == pytest.approx(0.93)
    efforts = (1, 5, 10, 30, 50, 150, 500)
    recalls = [CURVE.expected_recall(effort, 10) for effort in efforts]
    assert recalls == sorted(recalls)
    assert CURVE.expected_recall(40, 10, 0.3) < CURVE.expected_recall(40, 10)
    assert CURVE.expected_recall(40, 10, 0.01) == 0


def test_the_effort_for_a_target_is_expected_to_reach_it():
    for target in (0.75, 0.9, 0.95, 0.97):
        for k, slack in ((1, 0.002), (3, 0.02), (10, 0.002), (40, 0.05), (100, 0.002)):
            effort = CURVE.effort_for(target, k)
            if effort is not None:
                assert CURVE.expected_recall(effort, k) >= target - slack


def test_seconds_grow_with_the_effort():
    assert CURVE.seconds_per_search(40) == pytest.approx(3e-4)
    assert CURVE.seconds_per_search(400) == pytest.approx(1.8e-3)
    assert CURVE.seconds_per_search(100, 0.001) == pytest.approx(7e-4)


def test_a_curve_survives_json():
    stored = json.loads(json.dumps(CURVE.to_dict(), allow_nan=False))
    assert RecallCurve.from_dict(stored).to_dict() == CURVE.to_dict()
    assert RecallCurve.from_dict(stored).effort_for(0.95, 10) == CURVE.effort_for(0.95, 10)


def test_a_scattered_filter_takes_less_effort():
    assert CURVE.effort_for(0.95, 10, 0.1, is_scattered=True) < CURVE.effort_for(0.95, 10, 0.1)
    assert CURVE.expected_recall(60, 10, 0.1, is_scattered=True) > CURVE.expected_recall(60, 10, 0.1)
