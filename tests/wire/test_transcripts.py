from __future__ import annotations

from pathlib import Path

import pytest

from tests.wire.transcript import play

GOLDEN = Path(__file__).parent.parent / "golden" / "wire"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.golden")), ids=lambda path: path.stem)
def test_transcript_is_as_written(path: Path, request: pytest.FixtureRequest) -> None:
    played = play(path)
    if request.config.getoption("--update-golden"):
        path.write_text(played)
    assert played == path.read_text()
