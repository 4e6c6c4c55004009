import struct

import numpy as np
import pytest

from sqlvec.core.errors import InternalError
from sqlvec.storage.index.index_file import IndexFileDamaged, load, save
from sqlvec.storage.index.methods import METHODS
from sqlvec.storage.index.metric import Metric

VECTORS = np.random.default_rng(5).standard_normal((500, 8), np.float32)
ARRAYS = {
    "row ids": np.arange(500) * 3,
    "live": np.ones(500, np.bool_),
    "nothing": np.empty((0, 4), np.float32),
    "table": np.arange(6, dtype=np.float64).reshape(2, 3),
}


@pytest.fixture
def path(tmp_path):
    index = METHODS["hnsw"].build(VECTORS, Metric.COSINE, {"m": 8, "ef_construction": 40})
    save(tmp_path / "one.index", index, {"curve": [1, 2.5, None]}, ARRAYS)
    return tmp_path / "one.index"


@pytest.mark.parametrize("name", METHODS)
def test_what_was_saved_comes_back(tmp_path, name):
    method = METHODS[name]
    index = method.build(VECTORS, Metric.COSINE, method.parse_options({}))
    save(tmp_path / "x", index, {"text": "é"}, ARRAYS)
    header, arrays, loaded = load(tmp_path / "x")
    assert header == {"text": "é"}
    assert arrays.keys() == ARRAYS.keys()
    for key, array in ARRAYS.items():
        assert arrays[key].dtype == array.dtype
        np.testing.assert_array_equal(arrays[key], array)
    assert (loaded.method, loaded.metric, loaded.options) == (name, Metric.COSINE, index.options)
    np.testing.assert_array_equal(
        loaded.search(VECTORS[9], 10, 50).ordinals, index.search(VECTORS[9], 10, 50).ordinals
    )


def test_a_loaded_index_takes_more_vectors(path):
    _, _, index = load(path)
    index.add(-VECTORS)
    assert len(index) == 1000
    assert index.search(-VECTORS[3], 1, 200).ordinals.tolist() == [503]


def test_saving_replaces_the_file_and_leaves_nothing_else(path):
    _, _, index = load(path)
    save(path, index, {"second": True}, {})
    assert load(path)[0] == {"second": True}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_failed_save_keeps_the_old_file(path, monkeypatch):
    _, _, index = load(path)

    def fail(_write):
        raise InternalError("no")

    monkeypatch.setattr(index, "write_to", fail)
    with pytest.raises(InternalError):
        save(path, index, {}, {})
    assert load(path)[0] == {"curve": [1, 2.5, None]}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_flipped_bit_anywhere_is_found(path):
    whole = path.read_bytes()
    places = [*range(64), *np.random.default_rng(1).integers(0, len(whole), 60).tolist(), len(whole) - 1]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        with pytest.raises(IndexFileDamaged):
            load(path)


@pytest.mark.parametrize("kept", [0, 5, 8, 20, 40, 1000, -1])
def test_a_truncated_file_is_found(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(IndexFileDamaged):
        load(path)


def test_a_file_with_more_at_its_end_is_found(path):
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(IndexFileDamaged, match="bytes instead of"):
        load(path)


def test_a_foreign_file_is_refused(path):
    path.write_bytes(b"PK\x03\x04 something else entirely, and long enough for a preamble")
    with pytest.raises(IndexFileDamaged, match="not an index file"):
        load(path)


def test_a_newer_format_is_refused_by_its_version(path):
    whole = bytearray(path.read_bytes())
    struct.pack_into("<I", whole, 8, 99)
    path.write_bytes(whole)
    with pytest.raises(IndexFileDamaged, match="format version 99 is newer than 1"):
        load(path)


def test_a_missing_file_is_not_damage(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none")
