import numpy as np

from sqlvec.storage.index.ivfflat import IVFFLAT
from sqlvec.storage.index.metric import Metric


def build(count, lists):
    vectors = np.random.default_rng(5).standard_normal((count, 8), np.float32)
    return IVFFLAT.build(vectors, Metric.COSINE, {"lists": lists}), vectors


def test_fewer_rows_than_lists_make_fewer_lists():
    index, _ = build(30, 100)
    assert index.effort_range == (1, 30)
    assert index.options == {"lists": 100}


def test_all_probes_are_exact():
    index, vectors = build(2000, 25)
    found = index.search(vectors[7], 2000, 25)
    assert len(found.ordinals) == 2000
    assert found.distance_computations >= 2000


def test_a_mask_does_not_lower_the_probes():
    index, vectors = build(2000, 25)
    assert len(index.search(vectors[7], 2000, 25, np.ones(2000, np.bool_)).ordinals) == 2000


def test_effort_beyond_the_lists_is_all_lists():
    index, vectors = build(2000, 25)
    assert len(index.search(vectors[7], 2000, 1000).ordinals) == 2000
