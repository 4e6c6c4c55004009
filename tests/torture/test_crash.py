"""kill -9 in the middle of writing, and damaged index files: nothing acknowledged is lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from tests.support.server import Server

DIMENSIONS = 8
QUERIES = np.random.default_rng(3).standard_normal((20, DIMENSIONS)).astype(np.float32)


def text_of(vector: np.ndarray[Any, Any]) -> str:
    return "[" + ",".join(map(str, vector)) + "]"


@dataclass
class Writer:
    """Inserts batches until the server is gone; each batch is one transaction with a number of its own."""

    server: Server
    first: int
    acknowledged: list[int] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)

    def run(self, enough: threading.Event) -> None:
        generator = np.random.default_rng(self.first)
        batch = self.first
        try:
            with self.server.connect() as connection:
                while True:
                    batch += 1
                    size = int(generator.integers(1, 60))
                    self.sizes[batch] = size
                    vectors = generator.standard_normal((size, DIMENSIONS)).astype(np.float32)
                    self._write(connection, batch, vectors)
                    self.acknowledged.append(batch)
                    if len(self.acknowledged) >= 4:
                        enough.set()
        except psycopg.OperationalError:
            pass
        finally:
            enough.set()

    def _write(self, connection: psycopg.Connection[Any], batch: int, vectors: np.ndarray[Any, Any]) -> None:
        rows = [(batch, number, text_of(vector)) for number, vector in enumerate(vectors)]
        if batch % 3 == 0:
            with connection.cursor().copy("copy items (batch, number, v) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        elif batch % 3 == 1:
            with connection.transaction():
                connection.cursor().executemany(
                    "insert into items (batch, number, v) values (%s, %s, %s)", rows
                )
        else:
            with connection.transaction():
                half = len(rows) // 2
                for part in (rows[:half], rows[half:]):
                    if part:
                        values = ", ".join(f"({b}, {n}, '{v}')" for b, n, v in part)
                        connection.execute(f"insert into items (batch, number, v) values {values}")
                connection.execute("update items set v = v + v where batch = %s and number = 0", [batch])


def create(server: Server) -> None:
    with server.connect() as connection:
        connection.execute(
            f"create table items (id bigserial primary key, batch int not null, number int not null, v vector({DIMENSIONS}))"
        )
        connection.execute(
            "create index items_v on items using hnsw (v vector_l2_ops) with (m = 8, ef_construction = 40)"
        )


def check_rows(server: Server, writer: Writer) -> None:
    """Every acknowledged batch is there in full; any other is there in full or not at all."""
    with server.connect() as connection:
        found = dict(
            connection.execute(
                "select batch, count(distinct number) from items where batch > %s and batch < %s group by batch",
                [writer.first, writer.first + 1_000_000],
            ).fetchall()
        )
    lost = [batch for batch in writer.acknowledged if found.get(batch) != writer.sizes[batch]]
    assert not lost, f"acknowledged and not there in full: {lost}"
    torn = [batch for batch, count in found.items() if count != writer.sizes[batch]]
    assert not torn, f"there in part: {torn}"


def check_index(server: Server, table: str = "items", target: float = 0.99) -> None:
    """The index answers like an exact scan of all rows."""
    with server.connect() as connection:
        total = connection.execute(f"select count(*) from {table}").fetchone()
        assert total is not None
        want = min(10, total[0])
        hits = 0
        for query in QUERIES:
            sql = f"select id from {table} order by v <-> '{text_of(query)}' limit 10"
            connection.execute("set sqlvec.force_strategy = exact_scan")
            exact = {row[0] for row in connection.execute(sql)}
            connection.execute("set sqlvec.force_strategy = filtered_index")
            connection.execute("set hnsw.ef_search = 400")
            found = {row[0] for row in connection.execute(sql)}
            assert len(found) == want, "k rows whenever k exist"
            hits += len(exact & found)
        assert hits >= target * want * len(QUERIES)


def crash_rounds(server: Server, rounds: int) -> None:
    create(server)
    chance = random.Random(5)
    for number in range(rounds):
        writer, enough = Writer(server, number * 1_000_000), threading.Event()
        thread = threading.Thread(target=writer.run, args=[enough])
        thread.start()
        assert enough.wait(60)
        killer = threading.Timer(chance.random() * 0.05, server.kill)
        killer.start()
        killer.join()
        thread.join()
        server.start()
        check_rows(server, writer)
        check_index(server)


def test_acknowledged_rows_survive_kill_9(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        crash_rounds(server, 5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_acknowledged_rows_survive_kill_9_for_long(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        crash_rounds(server, 60)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def flipped_in_head(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[40] ^= 0xFF
    path.write_bytes(content)


def deleted(path: Path) -> None:
    path.unlink()


def foreign(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n" + bytes(5000))


def lengthened(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server with an index, stopped."""
    server = Server(tmp_path_factory.mktemp("damage") / "data")
    create(server)
    with server.connect() as connection:
        vectors = np.random.default_rng(1).standard_normal((1500, DIMENSIONS)).astype(np.float32)
        with connection.cursor().copy("copy items (batch, number, v) from stdin") as copy:
            for number, vector in enumerate(vectors):
                copy.write_row((1, number, text_of(vector)))
        connection.execute("reindex index items_v")
    assert server.stop() == 0
    return server


@pytest.mark.parametrize(
    "damage",
    [truncated, emptied, flipped, flipped_in_head, deleted, foreign, lengthened],
    ids=lambda f: f.__name__,
)
def test_a_damaged_index_file_is_built_again(loaded: Server, damage: Callable[[Path], None]) -> None:
    (path,) = (loaded.directory / "databases" / "postgres" / "indexes").glob("*.index")
    damage(path)
    loaded.start()
    try:
        check_index(loaded)  # while it is built: exact, or by the new index
        assert "index items_v cannot be opened and is built again" in loaded.log()
        with loaded.connect() as connection:
            connection.execute("vacuum")  # waits for the maintenance
            connection.execute("set sqlvec.force_strategy = filtered_index")
            plan = str(
                connection.execute(
                    "explain select id from items order by v <-> '[1,1,1,1,1,1,1,1]' limit 3"
                ).fetchall()
            )
        assert "items_v" in plan
        check_index(loaded)
    finally:
        assert loaded.stop() == 0
    assert path.stat().st_size > 1000


def test_a_kill_during_an_index_build_leaves_the_table_whole(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        with server.connect() as connection:
            connection.execute(f"create table items (id int, v vector({DIMENSIONS}))")
            vectors = np.random.default_rng(1).standard_normal((20_000, DIMENSIONS)).astype(np.float32)
            with connection.cursor().copy("copy items from stdin") as copy:
                for number, vector in enumerate(vectors):
                    copy.write_row((number, text_of(vector)))
        started = threading.Event()

        def build() -> None:
            with pytest.raises(psycopg.OperationalError), server.connect() as builder:
                started.set()
                builder.execute(
                    "create index items_v on items using hnsw (v vector_l2_ops) with (m = 48, ef_construction = 500)"
                )

        thread = threading.Thread(target=build)
        thread.start()
        assert started.wait(30)
        with server.connect() as observer:
            while observer.execute("select count(*) from pg_stat_progress_create_index").fetchone() == (0,):
                pass
        server.kill()
        thread.join()
        server.start()
        with server.connect() as connection:
            assert connection.execute("select count(*) from items").fetchone() == (20_000,)
            assert connection.execute(
                "select count(*) from pg_indexes where tablename = 'items'"
            ).fetchone() == (0,)
            connection.execute("create index items_v on items using hnsw (v vector_l2_ops)")
        check_index(server)
