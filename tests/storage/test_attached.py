"""AttachedIndex: right at every moment, whatever is added, deleted, read anew or folded."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from sqlvec.core.schema import Index, IndexColumn
from sqlvec.storage.index import attached
from sqlvec.storage.index.attached import AttachedIndex
from sqlvec.storage.index.exact import exact_top_k
from sqlvec.storage.index.index_file import IndexFileDamaged
from sqlvec.storage.index.metric import Metric
from sqlvec.storage.snapshot import TableSnapshot, VectorColumn

DIMENSIONS = 4
GENERATOR = np.random.default_rng(11)


def vectors(count):
    return GENERATOR.standard_normal((count, DIMENSIONS)).astype(np.float32)


def snapshot_of(rids, matrix, lineage=1):
    column = VectorColumn(np.ascontiguousarray(matrix), np.ones(len(matrix), np.bool_))
    return TableSnapshot(np.asarray(rids, np.int64), None, {"v": column}, lineage=lineage)


def with_more(snapshot, rids, matrix):
    column = snapshot.vectors("v").append(VectorColumn(matrix, np.ones(len(matrix), np.bool_)))
    return replace(snapshot, rids=np.concatenate([snapshot.rids, rids]), columns={"v": column})


def definition(opclass="vector_l2_ops", method="hnsw"):
    return Index(1, "i", method, (IndexColumn("v", None, opclass, False, None),))


def build(snapshot, **options) -> AttachedIndex:
    return attached.build(definition(**options), snapshot)


def found_rids(index, snapshot, query, k=10):
    return snapshot.rids[index.search(snapshot, "v", query, k, 400, None).positions].tolist()


def true_rids(snapshot, query, k=10, metric=Metric.L2):
    return snapshot.rids[
        exact_top_k(snapshot.vectors("v").matrix, query, k, metric, None, snapshot.live)[0]
    ].tolist()


@pytest.fixture
def snapshot():
    return snapshot_of(np.arange(1, 301), vectors(300))


def test_rows_inserted_after_the_build_are_found(snapshot):
    index = build(snapshot)
    more = with_more(snapshot, np.arange(301, 321), vectors(20))
    for query in vectors(10):
        assert found_rids(index, more, query) == true_rids(more, query)
    assert len(index.tail(more)) == 20


def test_a_fold_moves_the_tail_into_the_structure(snapshot):
    index = build(snapshot)
    more = with_more(snapshot, np.arange(301, 321), vectors(20))
    assert index.fold(more) == 20
    assert len(index) == 320
    assert len(index.tail(more)) == 0
    assert index.fold(more) == 0
    for query in vectors(10):
        assert found_rids(index, more, query) == true_rids(more, query)


def test_an_older_snapshot_does_not_see_what_was_folded_since(snapshot):
    index = build(snapshot)
    index.fold(with_more(snapshot, np.arange(301, 321), vectors(20)))
    for query in vectors(10):
        assert found_rids(index, snapshot, query) == true_rids(snapshot, query)


def test_a_build_over_newer_rows_than_the_first_search_folds_nothing_twice(snapshot):
    more = with_more(snapshot, np.arange(301, 321), vectors(20))
    index = build(more)
    assert len(found_rids(index, snapshot, vectors(1)[0])) == 10  # maps the older snapshot first
    assert len(index.tail(more)) == 0
    assert index.fold(more) == 0
    rids = found_rids(index, more, vectors(1)[0], 320)
    assert len(rids) == len(set(rids)) == 320


def test_deleted_rows_are_not_found_and_count_as_dead(snapshot):
    index = build(snapshot)
    less = snapshot.without_rows(np.arange(1, 101))
    assert index.dead(less) == 100
    for query in vectors(5):
        assert found_rids(index, less, query) == true_rids(less, query)


def test_a_table_read_anew_is_mapped_anew(snapshot):
    index = build(snapshot)
    assert index.dead(snapshot) == 0
    order = GENERATOR.permutation(250)  # 50 rows are gone, and the order is another
    anew = snapshot_of(snapshot.rids[order], snapshot.vectors("v").matrix[order], lineage=2)
    assert index.dead(anew) == 50
    for query in vectors(5):
        assert found_rids(index, anew, query) == true_rids(anew, query)
        assert found_rids(index, snapshot, query) == true_rids(snapshot, query)


def test_a_fold_against_a_stale_lineage_keeps_the_newer_right(snapshot):
    index = build(snapshot)
    more = with_more(snapshot, np.arange(301, 321), vectors(20))
    order = GENERATOR.permutation(320)
    anew = snapshot_of(more.rids[order], more.vectors("v").matrix[order], lineage=2)
    index.search(anew, "v", vectors(1)[0], 5, 100, None)
    assert index.fold(more) == 20
    for query in vectors(5):
        assert found_rids(index, anew, query) == true_rids(anew, query)
        assert found_rids(index, more, query) == true_rids(more, query)


def test_zero_vectors_stay_outside_under_cosine():
    matrix = vectors(50)
    matrix[:20] = 0
    snapshot = snapshot_of(np.arange(1, 51), matrix)
    index = build(snapshot, opclass="vector_cosine_ops")
    assert len(index) == 30
    assert len(index.tail(snapshot)) == 20
    assert index.fold(snapshot) == 0
    query = vectors(1)[0]
    assert found_rids(index, snapshot, query, 30) == true_rids(snapshot, query, 30, Metric.COSINE)


@pytest.mark.parametrize("method", ["hnsw", "ivfflat"])
def test_an_index_over_no_rows_takes_rows_later(method):
    empty = snapshot_of([], np.empty((0, DIMENSIONS), np.float32))
    index = build(empty, method=method)
    more = with_more(empty, np.arange(1, 31), vectors(30))
    query = vectors(1)[0]
    assert found_rids(index, empty, query) == []
    assert found_rids(index, more, query) == true_rids(more, query)
    index.fold(more)
    assert sorted(found_rids(index, more, query, 30)) == list(range(1, 31))


def test_saved_and_loaded_it_catches_up(snapshot, tmp_path):
    index = build(snapshot)
    index.save(tmp_path / "i")
    loaded = attached.load(tmp_path / "i", definition())
    changed = with_more(snapshot.without_rows(np.array([5, 6])), np.arange(301, 311), vectors(10))
    changed = replace(changed, live=np.concatenate([changed.live[:300], np.ones(10, np.bool_)]))
    for query in vectors(5):
        assert found_rids(loaded, changed, query) == true_rids(changed, query)


@pytest.mark.parametrize(
    "other",
    [
        definition("vector_ip_ops"),
        definition(method="ivfflat"),
        replace(definition(), columns=(IndexColumn("w", None, "vector_l2_ops", False, None),)),
    ],
)
def test_a_file_of_another_definition_is_refused(snapshot, tmp_path, other):
    build(snapshot).save(tmp_path / "i")
    with pytest.raises(IndexFileDamaged):
        attached.load(tmp_path / "i", other)


def test_a_fold_in_the_midst_of_a_search_takes_no_places(snapshot, monkeypatch):
    """The graph then answers with rows that are in the search's tail, or not in its snapshot at all."""
    index = build(snapshot)
    query = vectors(1)[0]
    near = np.repeat(query[None], 20, axis=0)
    newer = with_more(snapshot, np.arange(301, 321), near)
    mapped = index._mapped

    def mapped_before_the_fold(seen):
        mapping = mapped(seen)
        monkeypatch.undo()
        index.fold(newer)
        return mapping

    monkeypatch.setattr(index, "_mapped", mapped_before_the_fold)
    assert found_rids(index, snapshot, query) == true_rids(snapshot, query)
    assert len(index) == 320


def test_searches_are_right_while_rows_come_and_are_folded(snapshot):
    index = build(snapshot)
    newest = [snapshot]
    done, faults = threading.Event(), []

    def search():
        generator = np.random.default_rng(threading.get_ident())
        while not done.is_set():
            seen = newest[0]
            place = int(generator.integers(len(seen)))
            allowed = None if place % 2 else np.ones(len(seen), np.bool_)
            found = index.search(seen, "v", seen.vectors("v").matrix[place], 5, 200, allowed)
            rids = seen.rids[found.positions]
            if seen.rids[place] not in rids or len(set(rids.tolist())) != 5:
                faults.append((place, rids))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    first = 301
    for round_number in range(60):
        newest[0] = with_more(newest[0], np.arange(first, first + 17), vectors(17))
        first += 17
        if round_number % 3 == 2:
            index.fold(newest[0])
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
