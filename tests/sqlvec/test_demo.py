from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sqlvec.demo.dataset import Dataset
from sqlvec.demo.stage import shortened, sql_text
from sqlvec.demo.tour import SEARCHES, Mismatch, check
from sqlvec.example_data import sections


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.packaged()


def test_the_data_is_whole(dataset: Dataset):
    assert len(dataset) == len(set(dataset.names)) == 5000
    assert set(dataset.table["section"].to_pylist()) == set(sections()["section"].to_pylist())
    assert dataset.vectors.shape == (5000, 384)
    lengths = (dataset.vectors**2).sum(axis=1)
    assert ((lengths > 0.9) & (lengths < 1.1)).all()


def test_the_data_holds_no_prose(dataset: Dataset):
    assert set(dataset.table.column_names) == {
        "name", "version", "section", "priority", "architecture", "installed_kb", "size_bytes", "homepage",
        "tags", "depends", "embedding",
    }  # fmt: skip


def test_every_search_has_enough_rows_and_a_query(dataset: Dataset):
    for step in SEARCHES:
        assert sql_text(step.sql).endswith(f"LIMIT {step.count};")
        assert len(dataset.nearest(step.like, step.keep, step.count)) == step.count


def test_cells_are_shortened():
    assert shortened("[0.25,-1e-05," + ",".join(["0.125"] * 20) + "]") == "[0.25, -1e-05, ...]"
    assert shortened("0.123456789") == "0.1235"
    assert shortened("4.1.0-1.1") == "4.1.0-1.1"
    assert shortened("{a,b}") == "{a,b}"


def answer(*rows: tuple[str, float]) -> list[dict[str, str | None]]:
    return [{"name": name, "distance": str(distance)} for name, distance in rows]


def test_an_answer_may_miss_one_neighbour_but_no_row():
    check(answer(("a", 0.0), ("c", 0.2)), ["a", "b"])
    with pytest.raises(Mismatch, match="expected 2 rows, found 1"):
        check(answer(("a", 0.0)), ["a", "b"])
    with pytest.raises(Mismatch, match="has also a, b"):
        check(answer(("c", 0.0), ("d", 0.2)), ["a", "b"])
    with pytest.raises(Mismatch, match="order of distance"):
        check(answer(("a", 0.2), ("b", 0.0)), ["a", "b"])
    with pytest.raises(Mismatch, match="has also b"):
        check(answer(("a", 0.0), ("c", 0.2)), ["a", "b"], recall=1.0)


def test_the_demo_runs_and_every_answer_is_right(tmp_path: Path):
    # Options of the user's server must not matter; the terminal is none.
    environment = {**os.environ, "SQLVEC_PORT": "1", "SQLVEC_MAX_CONNECTIONS": "1", "TMPDIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-m", "sqlvec", "demo"],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "All answers right" in run.stdout
    assert "psql -h 127.0.0.1" in run.stdout
    assert not list(tmp_path.iterdir()), "the demo leaves nothing behind"
