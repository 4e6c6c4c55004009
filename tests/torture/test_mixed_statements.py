"""Random statements without PostgreSQL to compare with: no internal error, no lost server, no row lost by a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.pq import TransactionStatus

from tests.support.server import Server
from tests.torture.answers import INTERNAL, LOST, Answer, Asker
from tests.torture.statement_mix import Role, StatementMix
from tests.torture.statement_templates import TABLES

STATEMENTS = 1500


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("seed", "method"), [(1001, "hnsw"), (1002, "ivfflat"), (1003, None)])
def test_a_long_mix_leaves_the_server_whole(seed: int, method: str | None, tmp_path: Path) -> None:
    mix = StatementMix(seed, method)
    with Server(tmp_path / "data") as server:
        with server.connect() as main, server.connect() as observer:
            before = _run({Role.MAIN: Asker(main), Role.OBSERVER: Asker(observer)}, mix)
        server.kill()
        server.start()
        with server.connect() as connection:
            assert _tables(Asker(connection)) == before


def _run(askers: dict[Role, Asker], mix: StatementMix) -> list[Answer]:
    main = askers[Role.MAIN]
    for sql in ("create extension if not exists vector", *mix.beginning()):
        assert main.ask(sql).error is None
    for _ in range(STATEMENTS):
        statement = mix.next({role: asker.status for role, asker in askers.items()})
        answer = askers[statement.role].ask(statement.sql, is_extended=statement.is_extended)
        assert answer.error not in (INTERNAL, LOST), f"{statement.sql}\n{answer}"
    while main.status is not TransactionStatus.IDLE:
        main.ask("rollback")
    return _tables(main)


def _tables(asker: Asker) -> list[Answer]:
    return [asker.ask(f"select * from {table} order by 1, 2") for table in TABLES]
