"""Compacted snapshots hold the live rows, and what came while they were made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import sqlvec
from sqlvec.storage import compaction
from sqlvec.storage.compaction import Draft, is_worn
from sqlvec.storage.snapshot import TableSnapshot, VectorColumn


def batch(rids):
    return pa.table({
        "_sqlvec_rid": pa.array(rids),
        "v": pa.array([[i, -i] for i in rids], pa.list_(pa.float32(), 2)),
        "n": pa.array([f"n{i}" for i in rids]),
    })  # fmt: skip


def start(count=10):
    rids = np.arange(count)
    vectors = VectorColumn.from_arrow(batch(rids).column("v"), 2)
    return TableSnapshot(rids, None, {"v": vectors, "n": batch(rids).column("n")}, lineage=1)


def add(snapshot, rids):
    return snapshot.with_rows(np.array(rids), batch(rids))


def contents(snapshot):
    """By row id; every column must tell the same story."""
    live = snapshot.live if snapshot.live is not None else np.ones(len(snapshot), np.bool_)
    rids = snapshot.rids[live].tolist()
    assert snapshot.vectors("v").matrix[live, 0].tolist() == rids
    if "n" in snapshot.columns:
        assert snapshot.columns["n"].filter(pa.array(live)).to_pylist() == [f"n{rid}" for rid in rids]
    return rids


def test_dead_rows_are_left_out():
    source = start().without_rows(np.array([2, 3, 9]))
    finished = Draft.of(source).finished(source, 2)
    assert contents(finished) == [0, 1, 4, 5, 6, 7, 8]
    assert len(finished) == 7
    assert finished.lineage == 2
    assert finished.live is None


def test_rows_that_came_and_went_meanwhile_are_right():
    source = start().without_rows(np.array([2, 3]))
    draft = Draft.of(source)
    current = add(add(source, [20, 21]), [22]).without_rows(np.array([0, 21]))
    finished = draft.finished(current, 2)
    assert contents(finished) == [1, 4, 5, 6, 7, 8, 9, 20, 22]
    assert contents(add(finished, [30]))[-1] == 30


def test_the_source_stays_as_it_was():
    source = start().without_rows(np.array([2]))
    add(Draft.of(source).finished(source, 2), [50, 51])
    assert contents(source) == [0, 1, 3, 4, 5, 6, 7, 8, 9]


def test_a_plain_column_that_changed_meanwhile_is_taken_from_the_newer_snapshot():
    source = start().without_rows(np.array([2]))
    draft = Draft.of(source)
    changed = pa.chunked_array([[f"m{i}" for i in range(10)]])
    current = replace(source, columns={**source.columns, "n": changed})
    assert draft.finished(current, 2).columns["n"].to_pylist() == [f"m{i}" for i in range(10) if i != 2]


def test_a_forgotten_column_stays_forgotten():
    source = start().without_rows(np.array([2]))
    finished = Draft.of(source).finished(source.without_columns(["n"]), 2)
    assert list(finished.columns) == ["v"]


def test_a_table_that_was_read_anew_meanwhile_keeps_what_it_has():
    source = start().without_rows(np.array([2]))
    assert Draft.of(source).finished(replace(start(), lineage=7), 8) is None
    assert Draft.of(source).finished(None, 8) is None


def test_a_few_dead_rows_are_no_wear():
    assert not is_worn(start())
    assert not is_worn(start(2000).without_rows(np.arange(300)))
    assert is_worn(start(6000).without_rows(np.arange(1500)))


@pytest.mark.parametrize("has_index", [False, True])
def test_updated_vectors_are_found_after_a_compaction(monkeypatch, has_index):
    monkeypatch.setattr(compaction, "WORN_ROWS", 20)
    with sqlvec.Database() as database, database.connect() as connection:
        connection.execute("create table items (id int primary key, g int, v vector(2))")
        connection.execute(
            "insert into items select i, i % 3, format('[%s,0]', i)::vector from generate_series(1, 60) i"
        )
        if has_index:
            connection.execute("create index on items using hnsw (v vector_l2_ops)")
            connection.execute("set sqlvec.force_strategy = filtered_index; set hnsw.ef_search = 400")
        nearest = "select id, g from items where g = 1 order by v <-> $1::vector limit 2"
        assert connection.execute(nearest, ("[32,0]",)).fetchall() == [(31, 1), (34, 1)]
        for number in range(1, 41):
            connection.execute("update items set v = $1 where id = $2", (f"[{1000 + number},0]", number))
        store = database.engine.store
        store.maintenance.drain()
        oid = connection.execute("select 'items'::regclass::oid").fetchone()[0]
        snapshot = store.table_store(oid).snapshot
        assert len(snapshot) < 90
        assert snapshot.lineage > 1
        assert connection.execute(nearest, ("[1032,0]",)).fetchall() == [(31, 1), (34, 1)]
        assert connection.execute(nearest, ("[0,0]",)).fetchall() == [(43, 1), (46, 1)]
