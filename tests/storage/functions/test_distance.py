import math

import numpy as np
import pyarrow as pa
import pytest

from sqlvec.storage.functions.distance import FUNCTIONS
from sqlvec.storage.index.metric import Metric, distances

BY_NAME = {function.name: function.function for function in FUNCTIONS}
BY_METRIC = {
    Metric.L2: BY_NAME["sqlvec_l2_distance"],
    Metric.INNER_PRODUCT: BY_NAME["sqlvec_negative_inner_product"],
    Metric.COSINE: BY_NAME["sqlvec_cosine_distance"],
    Metric.L1: BY_NAME["sqlvec_l1_distance"],
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("l2_distance", math.sqrt(8)),
        ("negative_inner_product", -11.0),
        ("inner_product", 11.0),
        ("cosine_distance", 1 - 11 / math.sqrt(125)),
        ("l1_distance", 4.0),
    ],
)
def test_distances_of_two_vectors(value, name, expected):
    assert value(f"sqlvec_{name}([1, 2]::FLOAT[], [3, 4]::FLOAT[2])") == expected


def test_a_null_vector_has_no_distance(cursor):
    rows = cursor.rows(
        "SELECT sqlvec_l2_distance(v, [0, 0]::FLOAT[]) FROM (VALUES ([3, 4]::FLOAT[]), (NULL), ([0, 1])) t(v)"
    )
    assert rows == [(5.0,), (None,), (1.0,)]


def test_null_literals_have_no_distance(value):
    assert value("sqlvec_cosine_distance(NULL, [1, 2]::FLOAT[])") is None
    assert value("sqlvec_cosine_distance(NULL, NULL)") is None


def test_a_zero_vector_has_no_direction(value):
    assert math.isnan(value("sqlvec_cosine_distance([0, 0]::FLOAT[], [3, 4]::FLOAT[])"))


def test_rows_may_differ_in_length_if_both_sides_agree(cursor):
    rows = cursor.rows(
        "SELECT sqlvec_l1_distance(a, b) "
        "FROM (VALUES ([1]::FLOAT[], [3]::FLOAT[]), ([1, 2], [2, 4]), ([5], [6])) t(a, b)"
    )
    assert rows == [(2.0,), (3.0,), (1.0,)]


def test_different_dimensions_are_refused_with_those_of_the_first_such_row(failure):
    rows = "(VALUES ([3, 4]::FLOAT[]), (NULL), ([1, 2, 3]), ([1])) t(v)"
    assert failure(f"sqlvec_l2_distance(v, [1, 2]::FLOAT[]) FROM {rows}") == (
        "22000",
        "different vector dimensions 3 and 2",
    )


def test_sums_beyond_float32_are_infinite_as_in_pgvector(value):
    assert value("sqlvec_l2_distance([3e38]::FLOAT[], [-3e38]::FLOAT[])") == math.inf
    assert value("sqlvec_inner_product([3e38]::FLOAT[], [-3e38]::FLOAT[])") == -math.inf


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("query_stands", ["left", "right"])
def test_distances_to_a_constant_are_bit_for_bit_those_of_the_index(metric, query_stands):
    generator = np.random.default_rng(5)
    vectors = generator.normal(size=(1000, 100)).astype(np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), 100)
    query = pa.FixedSizeListArray.from_arrays(pa.array(np.tile(vectors[7], 1000)), 100)
    sides = (query, column) if query_stands == "left" else (column, query)
    assert np.array_equal(BY_METRIC[metric](*sides).to_numpy(), distances(metric, vectors, vectors[7]))


@pytest.mark.parametrize("metric", Metric)
def test_distances_of_pairs_are_those_to_each_as_a_constant(metric):
    generator = np.random.default_rng(6)
    left, right = generator.normal(size=(2, 300, 33)).astype(np.float32)
    columns = [pa.FixedSizeListArray.from_arrays(pa.array(side.reshape(-1)), 33) for side in (left, right)]
    each = np.concatenate([distances(metric, left[i : i + 1], right[i]) for i in range(300)])
    np.testing.assert_allclose(BY_METRIC[metric](*columns).to_numpy(), each, rtol=1e-14, atol=1e-15)


def test_slices_of_columns_are_obeyed():
    column = pa.array([[9, 9], [1, 2], None, [3, 4]], pa.list_(pa.float32())).slice(1)
    query = pa.array([[0, 0]] * 4, pa.list_(pa.float32())).slice(1)
    assert BY_METRIC[Metric.L1](column, query).to_pylist() == [3.0, None, 7.0]


def test_no_rows_have_no_distances(cursor):
    assert cursor.rows("SELECT sqlvec_l2_distance(v, v) FROM (SELECT [1]::FLOAT[] v WHERE false)") == []
