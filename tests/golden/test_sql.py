"""The .slt files on sqlvec; that they are true is shown by tests/congruence/test_oracle.py.

`known_differences.json` lists the records that sqlvec answers otherwise than PostgreSQL today. The list only
shrinks: a difference that is not in it fails, and so does one that is in it and is gone. After mending some,
run this with `--update-known`, and look at the diff.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.support.server import Server
from tests.support.sqllogictest import Difference, Runner

SQL = Path(__file__).parent / "sql"
KNOWN = SQL / "known_differences.json"
FILES = sorted(SQL.rglob("*.slt"))
SHOWN = 20  # differences printed for one file


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SQL)))
def test_sqlvec_answers_as_postgres(path: Path, server: Server, request: pytest.FixtureRequest) -> None:
    name = str(path.relative_to(SQL))
    with Runner(server.uri, "sqlvec") as runner:
        differences = runner.run_file(path)
    if request.config.getoption("--update-known"):
        _update(name, differences)
        return
    known = Counter(_known().get(name, []))
    found = Counter(difference.expected.sql for difference in differences)
    fresh = [each for each in differences if (found - known)[each.expected.sql]]
    mended = list((known - found).elements())
    if fresh:
        pytest.fail(f"{len(fresh)} differ\n" + "\n".join(map(str, fresh[:SHOWN])), pytrace=False)
    assert not mended, "no longer different; run with --update-known: " + "; ".join(mended)


def _known() -> dict[str, list[str]]:
    known: dict[str, list[str]] = json.loads(KNOWN.read_text())
    return known


def _update(name: str, differences: list[Difference]) -> None:
    """Only ever take entries away, unless the file is new to the list."""
    known = _known()
    found = [difference.expected.sql for difference in differences]
    kept = list((Counter(known[name]) & Counter(found)).elements()) if name in known else found
    known[name] = sorted(kept)
    KNOWN.write_text(
        json.dumps({k: v for k, v in sorted(known.items()) if v}, indent=1, ensure_ascii=False) + "\n"
    )
