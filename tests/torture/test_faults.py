"""kill -9 at each step of saving an index, of COMMIT and of CHECKPOINT: the next start has every row and every index."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.support.server import Server
from tests.torture.crash_survey import check_indexes
from tests.torture.crash_writer import SETUP, vector_of

FAULTS = [
    *(f"write:{number}:before" for number in (1, 2, 3, 4, 6)),
    *(f"fsync:{number}:{when}" for number in (1, 2, 3, 4) for when in ("before", "after")),
    *(f"replace:{number}:{when}" for number in (1, 2) for when in ("before", "after")),
    *(f"unlink:1:{when}" for when in ("before", "after")),
    *(f"commit:{number}:{when}" for number in (1, 2, 5) for when in ("before", "after")),
    *(f"checkpoint:1:{when}" for when in ("before", "after")),
]
ROWS = 800
HOOKS = Path(__file__).parent / "faults"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def insert(first: int, count: int) -> str:
    values = ", ".join(f"({key}, {key}, 0, '{vector_of(key)}')" for key in range(first, first + count))
    return f"insert into things values {values}"


# What is done until the process ends, and the keys that are there after it.
STEPS: tuple[tuple[str, frozenset[int]], ...] = (
    (insert(ROWS, 10), frozenset(range(ROWS + 10))),
    ("delete from things where id < 300", frozenset(range(300, ROWS + 10))),
    (insert(5000, 600), frozenset([*range(300, ROWS + 10), *range(5000, 5600)])),  # the indexes fold this in
    ("update things set s = id + 1, v = v where id < 0", frozenset([*range(300, ROWS + 10), *range(5000, 5600)])),
    ("vacuum", frozenset([*range(300, ROWS + 10), *range(5000, 5600)])),
    ("checkpoint", frozenset([*range(300, ROWS + 10), *range(5000, 5600)])),
    ("create index extra on things using hnsw (v vector_l2_ops)", frozenset([*range(300, ROWS + 10), *range(5000, 5600)])),
    ("reindex index things_hnsw", frozenset([*range(300, ROWS + 10), *range(5000, 5600)])),
    ("drop index extra", frozenset([*range(300, ROWS + 10), *range(5000, 5600)])),
    ("delete from things where id >= 5000", frozenset(range(300, ROWS + 10))),
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_crash_at_any_step_loses_nothing(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed = tmp_path / "armed"
    monkeypatch.setenv("SQLVEC_FAULT", fault)
    monkeypatch.setenv("SQLVEC_FAULT_ARMED", str(armed))
    monkeypatch.setenv("PYTHONPATH", str(HOOKS))
    with Server(tmp_path / "data") as server:
        with server.connect() as connection:
            for sql in (*SETUP, insert(0, ROWS), "reindex index things_ivf"):
                connection.execute(sql.encode())
        armed.touch()
        acknowledged, attempted = work(server)
        server.stop()
        monkeypatch.delenv("SQLVEC_FAULT")
        server.start()
        with server.connect() as connection:
            found = {key for (key,) in connection.execute("select id from things")}
            defined = {
                name
                for (name,) in connection.execute(
                    "select indexname from pg_indexes where tablename = 'things'"
                )
            }
            assert found in (acknowledged, attempted), f"{len(found)} rows after {fault}"
            assert {"things_hnsw", "things_ivf"} <= defined
            connection.execute("vacuum")  # waits for indexes that are built again
        check_indexes(server, 1)
        folder = server.directory / "databases" / "postgres" / "indexes"
        assert not [path.name for path in folder.iterdir() if path.suffix != ".index"], "left behind"
        assert server.stop() == 0


def work(server: Server) -> tuple[frozenset[int], frozenset[int]]:
    """Until the process ends; the keys that are promised, and those that the last statement would have left."""
    promised = frozenset(range(ROWS))
    try:
        with server.connect() as connection:
            for sql, keys in STEPS:
                attempted = keys
                connection.execute(sql.encode())
                promised = keys
    except psycopg.OperationalError:
        return promised, attempted
    assert server.stop() != 0, "the fault was never reached"  # at the latest while it saves at the end
    return promised, promised
