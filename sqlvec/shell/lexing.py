"""Lexing: where the typed statement ends. Only that; what it means is the server's business."""

from __future__ import annotations

import re
from dataclasses import dataclass

# One alternative per construct that can hide a semicolon; an unfinished one runs to the end of the text.
_TOKEN = re.compile(
    r"""
    (?P<line_comment> --[^\n]*)
  | (?P<block_comment> /\*)
  | (?P<dollar> \$(?P<tag>(?:[^\W\d]\w*)?)\$)
  | (?P<escape_string> \b[eE]'(?:[^'\\]|\\.|'')*(?P<escape_end>')?)
  | (?P<string> '(?:[^']|'')*(?P<string_end>')?)
  | (?P<name> "(?:[^"]|"")*(?P<name_end>")?)
  | (?P<open> [(\[])
  | (?P<close> [)\]])
  | (?P<end> ;)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What has been typed so far: complete statements, the unfinished rest, and what the rest waits for.

    `waits_for` is the prompt's sign, as psql's: "=" nothing, "-" more, "'" a quote, "(" a parenthesis.
    """

    statements: tuple[str, ...]
    rest: str
    waits_for: str


def read_statements(text: str) -> Reading:
    """Splits at semicolons that stand outside of quotes, comments and parentheses."""
    statements: list[str] = []
    start = position = depth = 0
    while (match := _TOKEN.search(text, position)) is not None:
        position, unfinished = _skip(text, match)
        if unfinished:
            return Reading(tuple(statements), text[start:], unfinished)
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(0, depth - 1)
        elif match["end"] and depth == 0:
            statements.append(text[start:position].strip())
            start = position
    rest = text[start:]
    if not rest.strip():
        return Reading(tuple(statements), "", "=")
    return Reading(tuple(statements), rest, "(" if depth else "-")


def _skip(text: str, match: re.Match[str]) -> tuple[int, str]:
    """Where the construct ends, or the sign of what it still waits for."""
    if match["block_comment"]:
        end = _end_of_comment(text, match.end())
        return end, "" if end >= 0 else "*"
    if match["dollar"]:
        end = text.find(match["dollar"], match.end())
        return end + len(match["dollar"]), "" if end >= 0 else "$"
    if match["string"] or match["escape_string"]:
        is_closed = match["string_end"] or match["escape_end"]
        return match.end(), "" if is_closed else "'"
    if match["name"]:
        return match.end(), "" if match["name_end"] else '"'
    return match.end(), ""


def _end_of_comment(text: str, position: int) -> int:
    depth = 1  # PostgreSQL's comments nest
    for match in re.compile(r"/\*|\*/").finditer(text, position):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return -1
