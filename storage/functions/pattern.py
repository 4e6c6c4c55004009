"""Patterns: regexp_match and SIMILAR TO, by RE2, whose time grows with the text alone.

Python's re could be made to hang every session by one client's pattern. RE2 has no look-around and no back
references, and prefers an alternative's first branch where PostgreSQL prefers the longest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import FeatureNotSupported, InvalidRegularExpression

from .registration import SqlFunction

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\(\?(?:<?[=!])?|.", re.DOTALL)
_WORD_ENDS = {r"\y": r"\b", r"\m": r"\b", r"\M": r"\b", r"\Y": r"\B", r"\Z": r"\z"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression in RE2's words; `groups` tells of each capturing group whether it may be empty."""

    expression: str
    groups: tuple[bool, ...]


def match(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """The groups of the first match, or all of it where there are no groups; null if nothing matches."""
    return _by_pattern(texts, patterns, _matches, pa.list_(pa.string()))


def similar_to(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    return _by_pattern(texts, patterns, lambda rows, pattern: _search(rows, similar(pattern)), pa.bool_())


def _by_pattern(
    texts: pa.Array, patterns: pa.Array, function: Callable[[pa.Array, str], pa.Array], arrow: pa.DataType
) -> pa.Array:
    """All rows of one pattern at once; a pattern is mostly a constant."""
    encoded = patterns.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    parts, places = [pa.nulls(int((codes < 0).sum()), arrow)], [np.flatnonzero(codes < 0)]
    for code, pattern in enumerate(encoded.dictionary.to_pylist()):
        places.append(np.flatnonzero(codes == code))
        parts.append(function(texts.take(pa.array(places[-1])), pattern))
    return pa.concat_arrays(parts).take(pa.array(np.argsort(np.concatenate(places))))


def _matches(texts: pa.Array, source: str) -> pa.Array:
    pattern = translated(source)
    try:
        found = pc.extract_regex(texts, pattern.expression)
    except pa.ArrowInvalid as error:
        raise _invalid(error) from error
    columns = [column.to_pylist() for column in found.flatten()]
    rows: list[list[str | None] | None] = []
    for is_match, row in zip(found.is_valid().to_pylist(), zip(*columns, strict=True), strict=True):
        # RE2 by way of Arrow gives "" for a group that took no part.
        values = [
            x if x or may_be_empty else None for x, may_be_empty in zip(row, pattern.groups, strict=True)
        ]
        rows.append(values if is_match else None)
    return pa.array(rows, pa.list_(pa.string()))


def _search(texts: pa.Array, expression: str) -> pa.Array:
    try:
        return pc.match_substring_regex(texts, expression)
    except pa.ArrowInvalid as error:
        raise _invalid(error) from error


def _invalid(error: Exception) -> InvalidRegularExpression:
    detail = str(error).partition(": ")[2] or str(error)
    return InvalidRegularExpression(f"invalid regular expression: {detail}")


@lru_cache(64)
def translated(source: str) -> Pattern:
    """PostgreSQL's advanced regular expression as RE2's, with a name for every capturing group."""
    pieces: list[str] = ["(?s)"]
    starts: list[int] = []  # for every group, the place of its first piece
    spans: list[str] = []
    opened: list[int | None] = []
    for token in _tokens(source):
        if token == "(":
            opened.append(len(starts))
            pieces.append(f"(?P<g{len(starts)}>")
            starts.append(len(pieces))
            spans.append("")
            continue
        if token == "(?":
            opened.append(None)
        elif token == ")" and opened:
            group = opened.pop()
            if group is not None:
                spans[group] = "".join(pieces[starts[group] :])
        pieces.append(_WORD_ENDS.get(token, token))
    expression = "".join(pieces)
    if not spans:
        return Pattern(f"(?P<g0>{expression})", (True,))
    return Pattern(expression, tuple(map(_may_be_empty, spans)))


def _tokens(source: str) -> Iterator[str]:
    for found in _TOKEN.finditer(source):
        token = found[0]
        if (token.startswith("(?") and len(token) > 2) or re.fullmatch(r"\\[1-9]", token):
            raise FeatureNotSupported(
                "regular expressions with look-around or back references are not supported"
            )
        yield token


def _may_be_empty(group: str) -> bool:
    unnamed = re.sub(r"\(\?P<g\d+>", "(", group)
    return bool(_search(pa.array([""]), f"^(?:{unnamed})$")[0].as_py())


@lru_cache(64)
def similar(pattern: str) -> str:
    """SQL's regular expression as RE2's: % and _ are wild, the rest as in POSIX, all of the text."""
    pieces: list[str] = []
    for found in _TOKEN.finditer(pattern):
        token = found[0]
        if token == "%":
            pieces.append(".*")
        elif token == "_":
            pieces.append(".")
        elif token.startswith("(?"):
            pieces.append("(?:\\?")
        elif token == "(":
            pieces.append("(?:")
        elif token[0] == "\\" or token in "^$.":
            pieces.append(re.escape(token[-1]))
        else:
            pieces.append(token)
    return f"(?s)^(?:{''.join(pieces)})$"


_PAIR = ("VARCHAR", "VARCHAR")
FUNCTIONS = (
    SqlFunction("sqlvec_regexp_match", match, _PAIR, "VARCHAR[]"),
    SqlFunction("sqlvec_similar_to", similar_to, _PAIR, "BOOLEAN"),
)
