"""The .slt files on sqlvec; that they are true is shown by tests/congruence/test_oracle.py."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sqllogictest import Runner

SQL = Path(__file__).parent / "sql"
FILES = sorted(SQL.rglob("*.slt"))
SHOWN = 20  # differences printed for one file
READY = "sqlvec: ready on "


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A sqlvec server of its own, as a connection string."""
    folder = tmp_path_factory.mktemp("sqlvec")
    command = [sys.executable, "-m", "sqlvec", "serve", "--port", "0", "--data", str(folder / "data")]
    log = (folder / "server.log").open("wb+")
    with log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        assert process.stdout is not None
        try:
            ready = process.stdout.readline()  # at once the end of the stream when the server dies
            if not ready.startswith(READY):
                log.seek(0)
                pytest.fail(f"sqlvec did not start: {ready!r}\n{log.read().decode(errors='replace')}")
            host, _, port = ready.removeprefix(READY).split()[0].rpartition(":")
            yield f"host={host} port={port} user=postgres dbname=postgres"
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SQL)))
def test_sqlvec_answers_as_postgres(path: Path, server: str) -> None:
    with Runner(server, "sqlvec") as runner:
        differences = runner.run_file(path)
    if differences:
        pytest.fail(f"{len(differences)} differ\n" + "\n".join(map(str, differences[:SHOWN])), pytrace=False)
