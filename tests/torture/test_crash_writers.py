"""kill -9 under writers of all kinds: what was acknowledged is there, nothing is there in part, indexes agree.

SQLVEC_TORTURE_ROUNDS says how many crashes, SQLVEC_TORTURE_SEEDS=10-40 with which seeds.
"""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest

from tests.support.server import Server
from tests.torture.crash_survey import check_indexes, check_writers
from tests.torture.crash_writer import SETUP, CrashWriter, State

WRITERS = 4
ROUNDS = int(os.environ.get("SQLVEC_TORTURE_ROUNDS", "4"))
FIRST, LAST = map(int, os.environ.get("SQLVEC_TORTURE_SEEDS", "1-1").split("-"))
LONGEST = 1.5  # seconds between enough writes and the crash: checkpoints and index folds happen in it

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 30 * ROUNDS)]


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_writers_of_all_kinds_survive_kill_9(seed: int, tmp_path: Path) -> None:
    chance, states, transactions = random.Random(seed), [State() for _ in range(WRITERS)], 0
    with Server(tmp_path / "data") as server:
        with server.connect() as connection:
            for sql in SETUP:
                connection.execute(sql)
        for number in range(ROUNDS):
            writers = [
                CrashWriter(server, one + 1, seed * 1000 + number, state) for one, state in enumerate(states)
            ]
            write_until_killed(server, writers, chance.random() ** 2 * LONGEST, chance)
            server.start()
            try:
                states = check_writers(server, writers)
                check_indexes(server, number)
            except AssertionError as error:
                story = f"seed {seed}, round {number}: {error}\n{server.log()[-2000:]}"
                pytest.fail(f"{story}\nthe data: {server.directory}", pytrace=False)
            transactions += sum(writer.count for writer in writers)
        rows = sum(len(state.rows) for state in states)
        print(
            f"\nseed {seed}: {ROUNDS} crashes, {transactions} transactions acknowledged, {rows} rows at the end"
        )
        assert server.stop() == 0


def write_until_killed(
    server: Server, writers: list[CrashWriter], seconds: float, chance: random.Random
) -> None:
    events = [threading.Event() for _ in writers]
    threads = [
        threading.Thread(target=writer.run, args=[event])
        for writer, event in zip(writers, events, strict=True)
    ]
    for thread in threads:
        thread.start()
    for event in events:
        assert event.wait(60)
    if chance.random() < 0.3:  # and in the middle of a checkpoint
        threading.Thread(target=checkpoint, args=[server], daemon=True).start()
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join(60)


def checkpoint(server: Server) -> None:
    try:
        with server.connect() as connection:
            connection.execute("checkpoint")
    except Exception:  # the server is killed under it
        return
