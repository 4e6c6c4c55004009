import numpy as np
import pytest

from sqlvec.storage.index.exact import exact_top_k, exact_top_k_batch, within_radius
from sqlvec.storage.index.metric import Metric, distances, row_norms

KINDS = ("normal", "equal", "far from the origin", "tiny", "huge", "of all sizes")


def make(kind, count, dimensions):
    generator = np.random.default_rng(3)
    vectors = generator.standard_normal((count, dimensions), np.float32)
    query = generator.standard_normal(dimensions, np.float32)
    match kind:
        case "equal":
            vectors, query = np.round(vectors / 2), np.round(query)
        case "far from the origin":
            vectors, query = vectors + np.float32(1000), query + np.float32(1000)
        case "tiny":
            vectors, query = vectors * np.float32(1e-30), query * np.float32(1e-30)
        case "huge":
            vectors = vectors * np.float32(1e25)
        case "of all sizes":
            vectors *= (10.0 ** generator.integers(-35, 30, (count, 1))).astype(np.float32)
            vectors[::7] = 0
    return vectors, query


def ranked(vectors, query, metric, rows):
    values = distances(metric, vectors[rows], query)
    order = np.lexsort((rows, values))
    return rows[order], values[order]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize(("count", "dimensions"), [(1, 1), (60, 1), (700, 5), (200, 2100)])
def test_top_k_is_the_start_of_the_sorted_rows(metric, kind, count, dimensions):
    vectors, query = make(kind, count, dimensions)
    generator = np.random.default_rng(4)
    some, live = generator.permutation(count)[: count // 2 + 1], generator.random(count) < 0.6
    for positions, mask in ((None, None), (some, None), (None, live), (some, live)):
        rows = np.arange(count) if positions is None else positions
        rows = rows if mask is None else rows[mask[rows]]
        expected, values = ranked(vectors, query, metric, rows)
        for k in (0, 1, 10, count + 5):
            for norms in (None, row_norms(vectors)):
                found = exact_top_k(vectors, query, k, metric, positions, mask, norms=norms)
                np.testing.assert_array_equal(found[0], expected[:k])
                np.testing.assert_array_equal(found[1], values[:k])
            for found in exact_top_k_batch(vectors, np.stack([query, query]), k, metric, positions, mask):
                np.testing.assert_array_equal(found[0], expected[:k])
                np.testing.assert_array_equal(found[1], values[:k])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", Metric)
def test_a_radius_keeps_exactly_the_rows_inside(metric, kind):
    vectors, query = make(kind, 500, 5)
    rows, values = ranked(vectors, query, metric, np.arange(500))
    for radius in (values[3], values[100], 0.0, -1.0, 1.0, 2.0, np.inf, np.nan):
        found, found_values = within_radius(vectors, query, radius, metric)
        np.testing.assert_array_equal(found, rows[values <= radius])
        np.testing.assert_array_equal(found_values, values[values <= radius])
        found, _ = within_radius(vectors, query, radius, metric, is_inclusive=False)
        np.testing.assert_array_equal(found, rows[values < radius])


def test_equal_vectors_come_in_the_order_of_their_positions():
    vectors = np.ones((300, 4), np.float32)
    found, _ = exact_top_k(vectors, vectors[0], 5, Metric.COSINE, np.arange(299, -1, -1))
    assert found.tolist() == [0, 1, 2, 3, 4]


def test_zero_vectors_come_last_under_cosine_with_nan():
    vectors = np.array([[0, 0], [1, 0], [0, 0], [0, 1]], np.float32)
    found, values = exact_top_k(vectors, np.array([1, 0], np.float32), 4, Metric.COSINE)
    assert found.tolist() == [1, 3, 0, 2]
    assert np.isnan(values).tolist() == [False, False, True, True]


def test_a_zero_query_under_cosine_finds_every_row_at_nan():
    found, values = exact_top_k(np.ones((3, 2), np.float32), np.zeros(2, np.float32), 2, Metric.COSINE)
    assert found.tolist() == [0, 1]
    assert np.isnan(values).all()


def test_null_rows_outside_live_do_not_disturb():
    vectors = np.array([[np.nan, np.nan], [1, 0], [3, 0]], np.float32)
    live = np.array([False, True, True])
    for metric in Metric:
        found, values = exact_top_k(vectors, np.array([2, 1], np.float32), 3, metric, live=live)
        assert sorted(found.tolist()) == [1, 2]
        assert np.isfinite(values).all()


def test_the_offset_moves_the_positions():
    vectors = np.arange(4, dtype=np.float32)[:, None]
    query = np.zeros(1, np.float32)
    assert exact_top_k(vectors, query, 2, Metric.L2, offset=100)[0].tolist() == [100, 101]
    assert within_radius(vectors, query, 1.0, Metric.L2, offset=100)[0].tolist() == [100, 101]


def test_nothing_live_means_nothing_found():
    vectors, nothing = np.ones((9, 3), np.float32), np.zeros(9, np.bool_)
    for metric in Metric:
        assert len(exact_top_k(vectors, vectors[0], 5, metric, live=nothing)[0]) == 0
        assert len(within_radius(vectors, vectors[0], 9.0, metric, live=nothing)[0]) == 0
        assert len(exact_top_k_batch(vectors, vectors[:1], 5, metric, live=nothing)[0][0]) == 0
