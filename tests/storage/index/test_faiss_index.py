"""What holds for an index of any method."""

import threading

import numpy as np
import pytest

from sqlvec.core.errors import QueryCanceled
from sqlvec.storage.index.exact import exact_top_k
from sqlvec.storage.index.methods import METHODS
from sqlvec.storage.index.metric import Metric, distances

CASES = [(name, metric) for name, method in METHODS.items() for metric in Metric if metric in method.metrics]
OPTIONS = {"hnsw": {"m": 16, "ef_construction": 64}, "ivfflat": {"lists": 20}}
EVERYTHING = {"hnsw": 1000, "ivfflat": 20}


def random_vectors(count=1500, dimensions=16, seed=5):
    return np.random.default_rng(seed).standard_normal((count, dimensions), np.float32)


def build(name, vectors, metric=Metric.L2, **more):
    return METHODS[name].build(vectors, metric, OPTIONS[name], **more)


@pytest.mark.parametrize(("name", "metric"), CASES)
def test_with_much_effort_it_finds_the_true_neighbours_and_distances(name, metric):
    vectors, queries = random_vectors(), random_vectors(30, seed=6)
    index = build(name, vectors, metric)
    shares = []
    for query in queries:
        true, _ = exact_top_k(vectors, query, 10, metric)
        found = index.search(query, 10, EVERYTHING[name])
        shares.append(len(np.intersect1d(true, found.ordinals)) / 10)
        expected = distances(metric, vectors[found.ordinals], query)
        np.testing.assert_allclose(found.distances, expected, rtol=1e-4, atol=1e-5)
        assert (np.diff(found.distances) >= 0).all()
        assert 0 < found.distance_computations <= len(vectors) + 2000
    assert np.mean(shares) > 0.98


@pytest.mark.parametrize(("name", "metric"), CASES)
def test_only_allowed_ordinals_are_found(name, metric):
    vectors = random_vectors()
    index = build(name, vectors, metric)
    allowed = np.random.default_rng(7).random(len(vectors)) < 0.1
    found = index.search(vectors[0], 10, 200, allowed).ordinals
    assert len(found) == 10
    assert allowed[found].all()
    assert len(index.search(vectors[0], 10, 200, np.zeros(len(vectors), np.bool_)).ordinals) == 0


@pytest.mark.parametrize(("name", "metric"), CASES)
def test_one_row_is_found_by_any_k(name, metric):
    index = build(name, np.ones((1, 3), np.float32), metric)
    assert index.search(np.array([1, 2, 3], np.float32), 50, 40).ordinals.tolist() == [0]


@pytest.mark.parametrize("name", METHODS)
def test_more_than_there_are_gives_all(name):
    index = build(name, random_vectors(40))
    assert sorted(index.search(random_vectors(1)[0], 100, EVERYTHING[name]).ordinals.tolist()) == list(
        range(40)
    )


@pytest.mark.parametrize("name", METHODS)
def test_an_empty_index_finds_nothing_and_then_takes_rows(name):
    index = build(name, np.empty((0, 3), np.float32))
    assert len(index) == 0
    assert len(index.search(np.ones(3, np.float32), 5, 40).ordinals) == 0
    index.add(np.ones((2, 3), np.float32))
    assert sorted(index.search(np.ones(3, np.float32), 5, 40).ordinals.tolist()) == [0, 1]


@pytest.mark.parametrize("name", METHODS)
def test_equal_vectors_are_all_found(name):
    index = build(name, np.ones((300, 4), np.float32))
    assert len(index.search(np.ones(4, np.float32), 10, 40).ordinals) == 10


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("dimensions", [1, 2000, 2500])
def test_few_and_many_dimensions_work(name, dimensions):
    vectors = random_vectors(100, dimensions)
    index = build(name, vectors)
    assert index.dimensions == dimensions
    assert index.search(vectors[42], 1, EVERYTHING[name]).ordinals.tolist() == [42]


@pytest.mark.parametrize(("name", "metric"), CASES)
def test_vectors_added_later_are_found(name, metric):
    vectors = random_vectors(700)
    index = build(name, vectors[:300], metric)
    index.add(vectors[300:301])
    index.add(vectors[301:])
    assert len(index) == 700
    assert index.memory_bytes > vectors.nbytes
    for ordinal in (5, 300, 301, 699):
        nearest = exact_top_k(vectors, vectors[ordinal], 1, metric)[0].tolist()
        assert index.search(vectors[ordinal], 1, EVERYTHING[name]).ordinals.tolist() == nearest


@pytest.mark.parametrize("name", METHODS)
def test_a_batch_gives_what_single_searches_give(name):
    vectors, queries = random_vectors(), random_vectors(7, seed=8)
    index = build(name, vectors, Metric.COSINE)
    allowed = np.random.default_rng(7).random(len(vectors)) < 0.5
    for batch, query in zip(index.search_batch(queries, 5, 10, allowed, threads=2), queries, strict=True):
        np.testing.assert_array_equal(batch.ordinals, index.search(query, 5, 10, allowed).ordinals)


@pytest.mark.parametrize("name", METHODS)
def test_more_effort_computes_more_distances(name):
    index = build(name, random_vectors(), Metric.L2)
    query = random_vectors(1, seed=9)[0]
    little, much = (index.search(query, 1, effort).distance_computations for effort in (2, 20))
    assert little < much


@pytest.mark.parametrize("name", METHODS)
def test_the_same_seed_and_one_thread_build_the_same_index(name):
    def serialised(seed):
        pieces = []
        index = build(name, random_vectors(5000, 8), Metric.COSINE, seed=seed, threads=1)
        index.write_to(lambda piece: pieces.append(bytes(piece)))
        return b"".join(pieces)

    assert serialised(1) == serialised(1)
    assert serialised(1) != serialised(2)


@pytest.mark.parametrize("name", METHODS)
def test_a_build_reports_its_progress_up_to_the_end(name):
    reports = []
    build(name, random_vectors(5000, 4), progress=lambda *report: reports.append(report))
    assert reports[-1] == ("loading tuples", 5000, 5000)
    assert all(done <= total for _, done, total in reports)


@pytest.mark.parametrize("name", METHODS)
def test_a_cancelled_build_stops(name):
    asked = []

    def cancelled():
        asked.append(True)
        return len(asked) > 2

    with pytest.raises(QueryCanceled, match="canceling statement due to user request"):
        build(name, random_vectors(30_000, 4), cancelled=cancelled)
    assert len(asked) == 3


@pytest.mark.parametrize("name", METHODS)
def test_searches_go_on_while_vectors_are_added(name):
    vectors = random_vectors(3000)
    index = build(name, vectors[:1000])
    failures = []
    is_done = threading.Event()

    def search_until_done():
        try:
            while not is_done.is_set():
                found = index.search(vectors[0], 10, 20).ordinals
                assert len(found) == 10
                assert 0 in found
        except BaseException as error:
            failures.append(error)

    searchers = [threading.Thread(target=search_until_done) for _ in range(3)]
    for searcher in searchers:
        searcher.start()
    for start in range(1000, 3000, 50):
        index.add(vectors[start : start + 50])
    is_done.set()
    for searcher in searchers:
        searcher.join()
    assert failures == []
    assert len(index) == 3000
