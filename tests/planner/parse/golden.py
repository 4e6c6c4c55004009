"""Blocks of tests/golden/parse/*.golden: a statement, ----, SQLSTATE, position and message."""

from __future__ import annotations

from pathlib import Path

from sqlvec.core.errors import SqlError
from sqlvec.planner.parse import parse

FILE = Path(__file__).parents[2] / "golden" / "parse" / "syntax_errors.golden"


def read() -> tuple[str, list[tuple[str, str]]]:
    """The comment at the top, and (statement, expected) of every block."""
    comment, *blocks = FILE.read_text().rstrip("\n").split("\n\n")
    return comment, [tuple(block.split("\n----\n")) for block in blocks]


def write(comment: str, blocks: list[tuple[str, str]]) -> None:
    FILE.write_text("\n\n".join([comment, *("\n----\n".join(block) for block in blocks)]) + "\n")


def outcome(sql: str) -> str:
    try:
        return f"parsed as {len(parse(sql))} statements"
    except SqlError as error:
        return f"{error.sqlstate} {error.position or 0} {error.message}"
