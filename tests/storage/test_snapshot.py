"""TableSnapshot: immutable images that share what they can."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sqlvec.storage.snapshot import TableSnapshot, VectorColumn


def column(rows):
    return VectorColumn.from_arrow(pa.array(rows, pa.list_(pa.float32(), 2)), 2)


def batch(rids, rows, names=None):
    columns = {"_sqlvec_rid": pa.array(rids), "v": pa.array(rows, pa.list_(pa.float32(), 2))}
    return pa.table({**columns, "n": pa.array(names)} if names else columns)


def start(rids=(1, 2, 3)):
    rids = np.array(rids, np.int64)
    return TableSnapshot(rids, None, {"v": column([[i, i] for i in rids])})


def add(snapshot, rids):
    return snapshot.with_rows(np.array(rids), batch(rids, [[i, i] for i in rids]))


def test_null_vectors_are_invalid_and_nan():
    values = column([[1, 2], None, [3, 4]])
    assert values.valid.tolist() == [True, False, True]
    assert np.isnan(values.matrix[1]).all()
    assert values.to_arrow().to_pylist() == [[1, 2], None, [3, 4]]


def test_an_older_snapshot_does_not_change_when_rows_are_added():
    first = start()
    second = add(first, [4, 5])
    third = add(second, [6])
    assert len(first) == 3
    assert first.vectors("v").matrix.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert second.vectors("v").matrix[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert third.vectors("v").matrix[:, 0].tolist() == [1, 2, 3, 4, 5, 6]


def test_a_thousand_appends_share_one_buffer_now_and_then():
    snapshot, buffers = start(), set()
    for rid in range(4, 1004):
        snapshot = add(snapshot, [rid])
        buffers.add(id(snapshot.vectors("v").matrix.base))
    assert snapshot.vectors("v").matrix[:, 0].tolist() == list(range(1, 1004))
    assert len(buffers) < 20


def test_deleted_rows_stay_as_tombstones():
    snapshot = start().without_rows(np.array([2, 99]))
    assert len(snapshot) == 3
    assert snapshot.live_count == 2
    assert snapshot.live is not None
    assert snapshot.live.tolist() == [True, False, True]
    assert add(snapshot, [4]).live.tolist() == [True, False, True, True]


def test_positions_are_found_in_any_order():
    snapshot = start((5, 1, 9))
    assert snapshot.positions_of(np.array([1, 9, 7, 5])).tolist() == [1, 2, -1, 0]
    assert TableSnapshot(np.empty(0, np.int64)).positions_of(np.array([1])).tolist() == [-1]


def test_a_column_that_new_rows_lack_is_forgotten():
    snapshot = start()
    with_names = TableSnapshot(
        snapshot.rids, None, {**snapshot.columns, "n": pa.chunked_array([["a", "b", "c"]])}
    )
    assert not add(with_names, [4]).has(["n"])
    kept = with_names.with_rows(np.array([4]), batch([4], [[4, 4]], ["d"]))
    assert kept.arrow("n").to_pylist() == ["a", "b", "c", "d"]


def test_rows_are_taken_by_position():
    taken = start().take(np.array([2, 0]), ["v"])
    assert taken["v"].to_pylist() == [[3, 3], [1, 1]]
