import numpy as np
import pytest

from sqlvec.core.errors import QueryCanceled
from sqlvec.storage.index.calibration import calibrate
from sqlvec.storage.index.exact import exact_top_k_batch
from sqlvec.storage.index.methods import METHODS
from sqlvec.storage.index.metric import Metric

COUNT = 8000


@pytest.fixture(scope="module")
def points():
    """Clustered vectors of 32 dimensions, and queries of the same kind that no index sees."""
    generator = np.random.default_rng(11)
    centres = generator.standard_normal((200, 32), np.float32)
    noise = generator.standard_normal((COUNT + 200, 32), np.float32)
    points = centres[generator.integers(0, 200, COUNT + 200)] + np.float32(0.6) * noise
    return points[:COUNT], points[COUNT:]


@pytest.mark.parametrize(
    ("name", "options"), [("hnsw", {"m": "8", "ef_construction": "32"}), ("ivfflat", {})]
)
@pytest.mark.parametrize("metric", [Metric.L2, Metric.COSINE])
def test_the_effort_chosen_meets_the_target_on_unseen_queries(points, name, options, metric):
    vectors, queries = points
    method = METHODS[name]
    index = method.build(vectors, metric, method.parse_options(options))
    curve = calibrate(index, vectors, threads=2)
    everything = np.ones(COUNT, np.bool_)
    half_space = vectors[:, 0] > np.quantile(vectors[:, 0], 0.4)
    for allowed, selectivity in ((everything, 1.0), (half_space, 0.6)):
        effort = curve.effort_for(0.95, 10, selectivity)
        if effort is None:  # exact search over the allowed is as fast
            assert selectivity < 1
            continue
        found = index.search_batch(queries, 10, effort, allowed, threads=2)
        truth = exact_top_k_batch(vectors, queries, 10, metric, live=allowed)
        recall = np.mean(
            [len(np.intersect1d(f.ordinals, t)) / 10 for f, (t, _) in zip(found, truth, strict=True)]
        )
        assert recall >= 0.945
        assert curve.seconds_per_search(effort, selectivity) > 0


def test_a_small_index_is_left_to_exact_search():
    vectors = np.random.default_rng(1).standard_normal((200, 4), np.float32)
    index = METHODS["hnsw"].build(vectors, Metric.L2, METHODS["hnsw"].parse_options({}))
    assert calibrate(index, vectors).effort_for(0.5, 1) is None


def test_it_can_be_cancelled_and_leaves_the_index_whole(points):
    vectors, _ = points
    index = METHODS["hnsw"].build(vectors[:2000], Metric.L1, METHODS["hnsw"].parse_options({}))
    before = [result.ordinals.tolist() for result in index.search_batch(vectors[:20], 10, 40)]

    def cancel():
        raise QueryCanceled("canceling statement due to user request")

    with pytest.raises(QueryCanceled):
        calibrate(index, vectors[:2000], check=cancel)
    assert [result.ordinals.tolist() for result in index.search_batch(vectors[:20], 10, 40)] == before
