import numpy as np
import pytest

from sqlvec.storage.index.metric import (
    OPCLASSES,
    OPERATORS,
    Metric,
    distances,
    is_indexable,
    normalized,
    row_norms,
)


def vector(*values):
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("metric", "left", "right", "expected"),
    [
        (Metric.L2, (0, 0), (3, 4), 5.0),
        (Metric.INNER_PRODUCT, (1, 2), (3, 4), -11.0),
        (Metric.COSINE, (1, 2), (2, 4), 0.0),
        (Metric.COSINE, (1, 1), (-1, -1), 2.0),
        (Metric.COSINE, (1, 1, 1), (1, 1, 2), 0.05719095841793653),
        (Metric.L1, (0, 0), (3, -4), 7.0),
        (Metric.L2, (3e38,), (-3e38,), np.inf),
        (Metric.INNER_PRODUCT, (3e38,), (3e38,), -np.inf),
        (Metric.L1, (3e38,), (-3e38,), np.inf),
        (Metric.COSINE, (3e38,), (3e38,), np.nan),
        (Metric.COSINE, (1, 2), (0, 0), np.nan),
    ],
)
def test_a_distance_is_what_pgvector_returns(metric, left, right, expected):
    for vectors, query in ((vector(*left), vector(*right)), (vector(*right), vector(*left))):
        assert distances(metric, vectors[None], query)[0] == pytest.approx(expected, abs=1e-15, nan_ok=True)


def test_distances_agree_with_the_formulas_over_many_chunks():
    generator = np.random.default_rng(1)
    vectors = generator.standard_normal((3000, 700), np.float32)
    query = generator.standard_normal(700, np.float32)
    wide, wide_query = vectors.astype(float), query.astype(float)
    products = wide @ wide_query
    cosine = 1 - products / np.linalg.norm(wide, axis=1) / np.linalg.norm(wide_query)
    expected = {
        Metric.L2: np.linalg.norm(wide - wide_query, axis=1),
        Metric.INNER_PRODUCT: -products,
        Metric.COSINE: cosine,
        Metric.L1: np.abs(wide - wide_query).sum(axis=1),
    }
    for metric, values in expected.items():
        np.testing.assert_allclose(distances(metric, vectors, query), values, rtol=1e-12, atol=1e-12)


def test_no_rows_have_no_distances():
    assert distances(Metric.L2, np.empty((0, 3), np.float32), vector(1, 2, 3)).shape == (0,)


def test_zero_vectors_and_nulls_are_not_indexable():
    vectors = np.array([[1, 0], [0, 0], [np.nan, np.nan], [np.inf, 1]], np.float32)
    assert is_indexable(vectors, Metric.COSINE).tolist() == [True, False, False, False]
    assert is_indexable(vectors, Metric.L2).tolist() == [True, True, False, False]


def test_normalized_vectors_have_length_one_and_zero_stays_zero():
    assert row_norms(normalized(np.array([[3, 4], [0, 0]], np.float32))).tolist() == [1.0, 0.0]


def test_each_operator_class_has_its_operator():
    assert set(OPCLASSES.values()) == set(OPERATORS.values()) == set(Metric)
