"""Sixty-four clients that read, search and write at once: no error but the documented ones.

SQLVEC_TORTURE_SECONDS says how long each part runs. What a read takes is printed: alone, and while one client runs
a long analytical query and another holds an idle transaction open. Times depend on the machine, so none is asserted.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg
import pytest

from tests.support.server import Server
from tests.torture.crash_survey import check_indexes
from tests.torture.crash_writer import SETUP, vector_of

CLIENTS = 64
READERS = 4
ROWS = 5000
SECONDS = float(os.environ.get("SQLVEC_TORTURE_SECONDS", "10"))
ACCEPTED = ("40001", "40P01", "23505")
# Quadratic in the rows of `things`: it runs until it is cancelled.
ANALYSIS = (
    "select sum(a.n * b.s + c.s % 7) from things a, things b, things c where a.id < 500 and a.s <> b.n + c.id"
)
READS: tuple[Callable[[random.Random], str], ...] = (
    lambda chance: f"select s, n, v from things where id = {chance.randrange(ROWS)}",
    lambda chance: f"select id from things order by v <-> '{vector_of(chance.randrange(10_000))}' limit 10",
    lambda chance: (
        f"select id from things where s < 5000 order by v <-> '{vector_of(chance.randrange(10_000))}' limit 10"
    ),
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 6 * int(SECONDS))]


@dataclass(slots=True)
class Load:
    """What clients share."""

    server: Server
    deadline: float
    seconds: list[float] = field(default_factory=list)  # of each read
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def client(self, number: int, statement: Callable[[random.Random], str]) -> None:
        chance = random.Random(number)
        try:
            with self.server.connect() as connection:
                connection.execute("set statement_timeout = '60s'")
                while time.monotonic() < self.deadline and not self.failures:
                    self._ask(connection, statement(chance))
        except Exception as error:  # told at the end
            self.failures.append(f"client {number}: {error!r}")

    def _ask(self, connection: psycopg.Connection[Any], sql: str) -> None:
        started = time.monotonic()
        try:
            rows = connection.execute(sql.encode()).rowcount
        except psycopg.Error as error:
            if error.sqlstate not in ACCEPTED:
                raise
            self.outcomes[str(error.sqlstate)] += 1
            return
        if sql.startswith("select"):
            self.seconds.append(time.monotonic() - started)
            if "limit 10" in sql and rows != 10:
                self.failures.append(f"{rows} rows: {sql}")
        self.outcomes["done"] += 1

    def run(self, statements: list[Callable[[random.Random], str]]) -> None:
        threads = [
            threading.Thread(target=self.client, args=(number, statement), daemon=True)
            for number, statement in enumerate(statements)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, self.deadline - time.monotonic()) + 120)
            if thread.is_alive():
                self.failures.append("a client hangs")
        assert not self.failures, self.failures[:5]


def read(chance: random.Random) -> str:
    return chance.choice(READS)(chance)


def mixed(chance: random.Random) -> str:
    """Mostly reads, and writes of all kinds to rows that meet."""
    key, scalar, vector = (
        chance.randrange(ROWS),
        chance.randrange(10_000),
        vector_of(chance.randrange(10_000)),
    )
    fresh = ROWS + chance.randrange(1000)
    writes = (
        f"update things set n = n + 1 where id = {key}",
        f"update things set s = {scalar}, v = '{vector_of(scalar)}' where id = {key}",
        f"insert into things values ({fresh}, {scalar}, 0, '{vector_of(scalar)}') "
        f"on conflict (id) do update set s = excluded.s, v = excluded.v",
        f"insert into things values ({fresh}, {scalar}, 0, '{vector_of(scalar)}')",
        f"delete from things where id = {fresh}",
        f"update things set n = n + 1 where id in (select id from things order by v <-> '{vector}' limit 3)",
    )
    return read(chance) if chance.random() < 0.7 else chance.choice(writes)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Server:
    server = Server(tmp_path_factory.mktemp("concurrency") / "data")
    with server.connect() as connection:
        for sql in SETUP:
            connection.execute(sql)
        with connection.cursor().copy("copy things from stdin") as copy:
            copy.write("".join(f"{key}\t{key}\t0\t{vector_of(key)}\n" for key in range(ROWS)))
        connection.execute("vacuum")
    return server


def told(name: str, load: Load) -> str:
    middle, late = (1000 * float(np.percentile(load.seconds, part)) for part in (50, 99))
    return f"{name}: {len(load.seconds)} reads, p50 {middle:.1f} ms, p99 {late:.1f} ms; {dict(load.outcomes)}"


def test_reads_go_on_beside_long_queries_and_idle_transactions(filled: Server) -> None:
    alone = Load(filled, time.monotonic() + SECONDS)
    alone.run([read] * READERS)
    with filled.connect() as analyst, filled.connect() as idler:
        analyst.execute("set statement_timeout = 0")
        analysis = threading.Thread(target=analyse, args=[analyst], daemon=True)
        analysis.start()
        idler.execute("begin")
        idler.execute("update things set n = n + 1 where id = 1")
        beside = Load(filled, time.monotonic() + SECONDS)
        beside.run([read] * READERS)
        was_running = analysis.is_alive()
        analyst.cancel()
        analysis.join(30)
        idler.execute("rollback")
    print("\n" + told("alone", alone) + "\n" + told("beside a long query and an idle transaction", beside))
    assert was_running, "the query was not long enough"


def analyse(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute(ANALYSIS)


def test_sixty_four_clients_get_no_error_but_the_documented_ones(filled: Server) -> None:
    load = Load(filled, time.monotonic() + SECONDS)
    load.run([mixed] * CLIENTS)
    print("\n" + told(f"{CLIENTS} clients", load))
    with filled.connect() as connection:
        rows = connection.execute("select s, v::text from things").fetchall()
    assert not [row for row in rows if row[1] != vector_of(row[0])]
    check_indexes(filled, 1)
    assert filled.stop() == 0
