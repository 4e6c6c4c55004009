"""Expressions of the schema as pg_get_expr() prints them, as far as their text allows.

The schema keeps the client's text, PostgreSQL a tree that it prints anew. What is common in defaults and
checks comes out alike; casts that PostgreSQL adds inside an expression do not.
"""

from __future__ import annotations

import re

from sqlvec.core.schema import Column, Sequence
from sqlvec.core.types.typmod import format_type

from ..catalog import CatalogState
from .identifiers import qualified_name, quote_identifier, quote_literal

_STRING = r"[eE]?'(?:[^']|'')*'"
_LITERAL = re.compile(_STRING)
_ATOM = re.compile(rf"(?:{_STRING}|[\w.]+|\"[^\"]+\")(?:::[\w. \[\]()\"]+)?")
_CALL = re.compile(r"[\w.\"]+\s*\(")
_NEGATIVE = re.compile(r"-\s*(\d+(\.\d+)?)")
_KEYWORDS = re.compile(r"(?i)(current_(date|time|timestamp|user|role)|local(time|timestamp)|session_user)")
_VISIBLE = "public"


def printed(expression: str) -> str:
    """The expression with the parentheses that PostgreSQL puts around operators: "(price > 0)"."""
    bare = pretty(expression)
    return bare if _ATOM.fullmatch(bare) or is_call(bare) else f"({bare})"


def pretty(expression: str) -> str:
    """The expression without the parentheses around it, as pg_get_expr(..., true) prints."""
    text = expression.strip()
    while text.startswith("(") and _closes_at(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def is_call(expression: str) -> bool:
    """Whether the expression is a bare function call, which indexes list without parentheses."""
    text = expression.strip()
    match = _CALL.match(text)
    return match is not None and _closes_at(text, match.end() - 1) == len(text) - 1


def default_text(column: Column, state: CatalogState) -> str | None:
    """pg_attrdef.adbin of a column; None where it has no row there."""
    if column.generated is not None:
        return printed(column.generated)
    if column.identity is not None:
        return None
    sequence = None if column.sequence_oid is None else state.objects.get(column.sequence_oid)
    if isinstance(sequence, Sequence):
        return f"nextval({quote_literal(_sequence_name(sequence))}::regclass)"
    return None if column.default is None else _default(pretty(column.default), column)


def _default(text: str, column: Column) -> str | None:
    if text.lower() == "null":
        return None  # PostgreSQL does not keep it either
    if text.lower() in ("true", "false"):
        return text.lower()
    if _KEYWORDS.fullmatch(text):
        return text.upper()
    if _LITERAL.fullmatch(text):
        return f"{text}::{format_type(column.type)}"
    negative = _NEGATIVE.fullmatch(text)
    if negative is not None:
        return f"'-{negative[1]}'::{_number_type(negative)}"
    return printed(text)


def _number_type(number: re.Match[str]) -> str:
    if number[2] is not None:
        return "numeric"
    return "integer" if int(number[1]) <= 2**31 else "bigint"


def _sequence_name(sequence: Sequence) -> str:
    if sequence.schema == _VISIBLE:
        return quote_identifier(sequence.name)
    return qualified_name(sequence.schema, sequence.name)


def _closes_at(text: str, opening: int) -> int:
    """Where the parenthesis at `opening` closes; -1 where it does not."""
    depth, place = 0, opening
    while place < len(text):
        letter = text[place]
        if letter in "'\"":
            end = text.find(letter, place + 1)
            place = len(text) if end < 0 else end
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place
        place += 1
    return -1
