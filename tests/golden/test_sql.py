"""The .slt files on sqlvec; that they are true is shown by tests/congruence/test_oracle.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.server import Server
from tests.support.sqllogictest import Runner

SQL = Path(__file__).parent / "sql"
FILES = sorted(SQL.rglob("*.slt"))
SHOWN = 20  # differences printed for one file


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SQL)))
def test_sqlvec_answers_as_postgres(path: Path, server: Server) -> None:
    with Runner(server.uri, "sqlvec") as runner:
        differences = runner.run_file(path)
    if differences:
        pytest.fail(f"{len(differences)} differ\n" + "\n".join(map(str, differences[:SHOWN])), pytrace=False)
