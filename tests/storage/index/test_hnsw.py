import numpy as np
import pytest

from sqlvec.storage.index.hnsw import HNSW
from sqlvec.storage.index.metric import Metric


@pytest.fixture(scope="module")
def vectors():
    return np.random.default_rng(5).standard_normal((3000, 16), np.float32)


@pytest.fixture(scope="module")
def index(vectors):
    return HNSW.build(vectors, Metric.L2, HNSW.parse_options({}))


def test_the_effort_is_ef_search(index):
    assert index.effort_range == (1, 1000)


def test_a_mask_does_not_lower_the_effort(index, vectors):
    # SearchParameters replace efSearch by 16 unless it is set
    everything = np.ones(len(vectors), np.bool_)
    masked = index.search(vectors[3], 5, 400, everything).distance_computations
    assert masked == index.search(vectors[3], 5, 400).distance_computations > 1000


def test_expected_distance_computations_are_near_the_truth(index, vectors):
    counted = np.mean([index.search(query, 10, 100).distance_computations for query in vectors[:50]])
    assert 0.5 < index.expected_distance_computations(100) / counted < 2


def test_held_out_vectors_are_not_met_and_come_back(index, vectors):
    before = index.search(vectors[0], 10, 100).ordinals
    with index.held_out(100, seed=1) as sample:
        assert len(np.unique(sample)) == 100
        for ordinal in sample[:20]:
            assert not np.isin(index.search(vectors[ordinal], 10, 100).ordinals, sample).any()
    assert all(index.search(vectors[o], 1, 100).ordinals[0] == o for o in sample)
    np.testing.assert_array_equal(index.search(vectors[0], 10, 100).ordinals, before)
