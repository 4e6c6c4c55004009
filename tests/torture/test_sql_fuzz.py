"""Mutated statements through a live server: no internal error, no crash, no hang, and the next connection gets in.

SQLVEC_TORTURE_STATEMENTS says how many, SQLVEC_TORTURE_SEEDS=10-40 with which seeds. What goes wrong is reported
once per message, with the smallest statement that still shows it.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.server import Server
from tests.torture.sql_mutation import Corpus, SqlMutation, tokens_of
from tests.torture.sql_prober import Reply, SqlProber

STATEMENTS = int(os.environ.get("SQLVEC_TORTURE_STATEMENTS", "3000"))
FIRST, LAST = map(int, os.environ.get("SQLVEC_TORTURE_SEEDS", "1-1").split("-"))
SHIFT = 5000  # statements until a new server starts with nothing in it
MUTATIONS = 4  # of each statement, before itself
GOLDEN = Path(__file__).parents[1] / "golden" / "sql"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + STATEMENTS // 10)]


@dataclass(slots=True)
class Findings:
    """What went wrong, by its kind: how often, and the smallest statement."""

    counts: dict[str, int] = field(default_factory=dict)
    smallest: dict[str, str] = field(default_factory=dict)
    replies: Counter[str] = field(default_factory=Counter)  # by SQLSTATE

    def add(self, kind: str, sql: str) -> bool:
        """Whether it is the smallest of its kind so far."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        is_smaller = len(sql) < len(self.smallest.get(kind, sql + " "))
        if is_smaller:
            self.smallest[kind] = sql
        return is_smaller

    def __str__(self) -> str:
        return "\n".join(f"{self.counts[kind]} x {kind}\n    {sql}" for kind, sql in self.smallest.items())


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_mutated_statements_do_no_harm(seed: int, tmp_path: Path) -> None:
    corpus, findings = Corpus.load(GOLDEN), Findings()
    for shift in range(-(-STATEMENTS // SHIFT)):
        count = min(SHIFT, STATEMENTS - shift * SHIFT)
        mutation = SqlMutation(corpus, seed * 10_000 + shift)
        with Server(tmp_path / f"data{shift}") as server:
            run_shift(server, corpus, mutation, count, findings)
            assert server.stop() == 0
            server.start()  # whatever the statements left there, it is read again
            assert server.stop() == 0
    if findings.counts:
        pytest.fail(f"seed {seed}\n{findings}", pytrace=False)


def run_shift(server: Server, corpus: Corpus, mutation: SqlMutation, count: int, findings: Findings) -> None:
    chance = random.Random(count)
    prober = SqlProber(server.uri)
    before, started, asked = memory_of(server), time.monotonic(), 0
    while asked < count:
        for statement in chance.choice(corpus.files):
            mutants = [mutation.mutate(statement) for _ in range(MUTATIONS)]
            for sql in (*mutants, " ".join(statement)):
                asked += 1
                probe(server, prober, sql, chance.random() < 0.3, findings)
                if not prober.is_idle and chance.random() < 0.3:
                    prober.make_whole()
        prober.make_whole()
    prober.close()
    seconds = time.monotonic() - started
    print(f"\n{findings.replies.most_common(8)}")
    print(f"{asked} statements, {asked / seconds:.0f}/s; memory {before} MB, then {memory_of(server)} MB")


def probe(server: Server, prober: SqlProber, sql: str, is_extended: bool, findings: Findings) -> None:
    reply = prober.ask(sql, is_extended=is_extended)
    findings.replies[reply.code or "success"] += 1
    if reply.is_wrong:
        if findings.add(reply.kind, sql) and reply.code not in ("hang", "lost"):
            findings.smallest[reply.kind] = reduced(prober, sql, reply, is_extended)
        if server.process is None or server.process.poll() is not None:
            pytest.fail(f"the server died: {sql}\n{server.log()[-3000:]}", pytrace=False)
    prober.make_whole() if reply.code in ("hang", "lost", "57P01") else None


def reduced(prober: SqlProber, sql: str, reply: Reply, is_extended: bool, attempts: int = 150) -> str:
    """Without every token that the error does not need. State may have changed: then it stays as it is."""
    tokens, size = tokens_of(sql), len(tokens_of(sql)) // 2
    while size and attempts > 0:
        at = 0
        while at < len(tokens) and attempts > 0:
            fewer, attempts = tokens[:at] + tokens[at + size :], attempts - 1
            prober.make_whole()
            if prober.ask(" ".join(fewer), is_extended=is_extended).kind == reply.kind:
                tokens = fewer
            else:
                at += size
        size //= 2
    return " ".join(tokens) if len(tokens) < len(tokens_of(sql)) else sql


def memory_of(server: Server) -> int:
    """Resident, in MB."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024
