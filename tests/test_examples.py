"""Every script in examples/ runs, against a server started as a user would start it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sqlvec.demo.server import Server

EXAMPLES = Path(__file__).parent.parent / "examples"
SAYS = {
    "async_clients": "40 of 40 points found themselves",
    "embedded": "(500,) rows through the port",
    "hybrid_filter": "like vim, named after it: vim",
    "quickstart": "cold: green, blue",
    "sqlalchemy_orm": "silent: Safety Last!, The General",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Server(tmp_path_factory.mktemp("examples") / "data")
    server.start()
    try:
        yield f"postgresql://postgres@127.0.0.1:{server.port}/postgres"
        server.stop()
    finally:
        server.kill()


def test_every_example_is_known_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(SAYS)


@pytest.mark.parametrize("name", sorted(SAYS))
def test_the_example_runs(name: str, address: str, tmp_path: Path):
    arguments = [] if name == "embedded" else [address]
    run = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments],
        cwd=tmp_path, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert SAYS[name] in run.stdout
