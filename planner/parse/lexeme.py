"""Lexeme: one word, literal or sign of the client's text, with its place."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from sqlvec.core.errors import SqlSyntaxError


class Kind(Enum):
    """What a lexeme is."""

    WORD = auto()  # keyword or unquoted identifier, folded to lower case
    QUOTED = auto()  # "identifier"
    STRING = auto()  # any spelling of a string literal, escapes resolved
    BITS = auto()  # B'01' or X'1f'; the value keeps the letter: b01, x1f
    NUMBER = auto()
    PARAMETER = auto()  # $1; the value is the digits
    OPERATOR = auto()
    SIGN = auto()  # , ( ) [ ] . ; : :: := ..


class Lexeme(NamedTuple):
    """`start` and `end` are 0-based character offsets into the client's text, `end` past the last."""

    kind: Kind
    value: str
    start: int
    end: int


def syntax_error(sql: str, lexeme: Lexeme | None) -> SqlSyntaxError:
    """PostgreSQL's complaint about a lexeme that does not fit; None is the end of the text."""
    if lexeme is None:
        return SqlSyntaxError("syntax error at end of input", position=len(sql) + 1)
    return error_near("syntax error", sql, lexeme.start, lexeme.end)


def error_near(message: str, sql: str, start: int, end: int | None = None) -> SqlSyntaxError:
    return SqlSyntaxError(f'{message} at or near "{sql[start:end]}"', position=start + 1)
