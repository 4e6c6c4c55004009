"""Grammar checks: what PostgreSQL's grammar refuses and sqlglot lets pass.

sqlglot forgives `select 1, from t`, `where` after `order by`, joins without ON, and other databases'
spellings. Such a lexeme is found before it parses, which also gives PostgreSQL's position of the error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlvec.core.errors import FeatureNotSupported, SqlSyntaxError, UndefinedObject
from sqlvec.core.stack_depth import too_deep

from .cursor import Cursor
from .keywords import words
from .lexeme import Kind, Lexeme, syntax_error
from .neighbours import (
    AFTER_STAR,
    DISTINCT_ARGUMENT,
    DISTINCT_ON,
    FOR_LOCK,
    FROM_TABLE,
    IN_LIST,
    JOIN_USING,
    NEVER_A_NAME,
    NEVER_EMPTY,
    NO_BRACKET_AFTER,
    ONLY_AFTER,
    ORDER_BY,
    STAR_AFTER,
    UNFINISHED,
    UNFINISHED_PAIRS,
    WRONG_AFTER,
)
from .token_types import FOREIGN_TYPES

# The order of a query's clauses. FOR may stand before or behind LIMIT.
_CLAUSES = {"from": 1, "where": 2, "group": 3, "having": 4, "window": 5, "order": 6, "limit": 7, "offset": 7}
_NO_CLAUSES_OF_CHANGES = words("group having window order limit offset")


# What DuckDB would take for a file, and an interval that wants quotes.
_NEVER_PAIRS = {(FROM_TABLE, Kind.STRING), ("join", Kind.STRING), ("interval", Kind.NUMBER)}

MAX_DEPTH = 1000  # of brackets; sqlglot's compiled parser dies of far more than that


def check(part: Cursor) -> None:
    """Raise PostgreSQL's syntax error at the first wrong lexeme."""
    _Checker(part).check()


@dataclass(slots=True)
class _Frame:
    """What is known inside one pair of brackets, or outside all."""

    opener: str = ""
    reached: int | None = None  # the clause of its query; None: it is no query
    joins: int = 0  # that still want their ON or USING
    is_natural: bool = False


class _Checker:
    """Walks over the lexemes; `before` and `earlier` are the values of the two words or signs before."""

    def __init__(self, part: Cursor) -> None:
        self.part = part
        self.frames = [_Frame()]
        self.frame = self.frames[0]
        first = part.lexemes[0].value if part.lexemes else ""
        self.is_insert = first == "insert"
        self.is_change = first in ("update", "delete")

    def check(self) -> None:
        word, sign, operator = Kind.WORD, Kind.SIGN, Kind.OPERATOR
        wrong_after, only_after, meanings = WRONG_AFTER, ONLY_AFTER, _MEANINGS
        before = earlier = ""
        for lexeme in self.part.lexemes:
            kind, value, *_ = lexeme
            if before in only_after and (
                (kind is not word and kind is not sign) or value not in only_after[before]
            ):
                raise self._error(lexeme)
            if before == "*" and earlier in STAR_AFTER and kind is not operator and value not in AFTER_STAR:
                raise self._error(lexeme)
            if before == "." or before == "as":
                before, earlier = self._name(before, lexeme), before
                continue
            if kind is word or kind is sign or kind is operator:
                if before in wrong_after and value in wrong_after[before] and earlier != "operator":
                    raise self._error(lexeme)
                if kind is sign:
                    self._sign(lexeme, before, earlier)
                elif kind is word:
                    if before == "::":
                        self._refuse_foreign_type(lexeme)
                    if value in meanings:
                        value = meanings[value](self, lexeme, before)
                before, earlier = value, before
            elif (before, kind) in _NEVER_PAIRS or before == "values":
                raise self._error(lexeme)
            else:
                before, earlier = "", before
        self._end(before, earlier)

    def _end(self, before: str, earlier: str) -> None:
        is_unfinished = before in UNFINISHED or (earlier, before) in UNFINISHED_PAIRS
        if is_unfinished or len(self.frames) > 1 or self.frame.joins:
            raise self._error(None)

    def _error(self, lexeme: Lexeme | None) -> SqlSyntaxError:
        return syntax_error(self.part.sql, lexeme or self.part.end)

    def _name(self, before: str, lexeme: Lexeme) -> str:
        """Behind a dot or AS every word is a name; a dot may also have * or an operator behind it."""
        kind, value, *_ = lexeme
        if kind is Kind.SIGN and value == "(" and before == "as":
            self._sign(lexeme, before, "")
            return value
        if kind is Kind.WORD and before == "as" and self.frame.opener == "cast":
            self._refuse_foreign_type(lexeme)
        if kind is Kind.OPERATOR and before == ".":
            return value if value == "*" else ""
        if kind is Kind.WORD or kind is Kind.QUOTED:
            return ""
        raise self._error(lexeme)

    def _sign(self, lexeme: Lexeme, before: str, earlier: str) -> None:
        value, frame = lexeme.value, self.frame
        if value == "(" or value == "[":
            if value == "[" and frame.opener != "[" and before in NO_BRACKET_AFTER:
                raise self._error(lexeme)
            if len(self.frames) > MAX_DEPTH:
                raise too_deep(lexeme.start + 1)
            opener = before if value == "(" and before in ("cast", "position") else value
            self.frame = _Frame(opener)
            self.frames.append(self.frame)
        elif value == ")" or value == "]":
            is_empty = before == "(" and earlier in NEVER_EMPTY
            if len(self.frames) == 1 or (frame.opener == "[") != (value == "]") or frame.joins or is_empty:
                raise self._error(lexeme)
            self.frames.pop()
            self.frame = self.frames[-1]
        elif value == ",":
            if frame.joins:
                raise self._error(lexeme)
        elif (value == ":" and frame.opener != "[") or (value == ".." and len(self.frames) == 1):
            raise self._error(lexeme)

    # What a word means where it stands; '' is a mere name ---------------------------------------------------

    def _clause(self, lexeme: Lexeme, before: str) -> str:
        frame, value = self.frame, lexeme.value
        rank = _CLAUSES[value]
        if before in ("distinct", DISTINCT_ARGUMENT, "rows", "within"):
            return value  # IS DISTINCT FROM, ROWS FROM, WITHIN GROUP
        if frame.joins or frame.opener == "[":
            raise self._error(lexeme)
        if frame.reached is None:
            if self.is_change and len(self.frames) == 1 and value in _NO_CLAUSES_OF_CHANGES:
                raise self._error(lexeme)
        elif rank < frame.reached or (rank == frame.reached and rank != _CLAUSES["limit"]):
            raise self._error(lexeme)
        else:
            frame.reached = rank
        is_table = value == "from" and (frame.reached is not None or self.is_change)
        return FROM_TABLE if is_table else value

    def _new_query(self, lexeme: Lexeme, before: str) -> str:
        is_late = lexeme.value != "select" and (self.frame.reached or 0) >= _CLAUSES["order"]
        if self.frame.joins or is_late:
            raise self._error(lexeme)
        self.frame.reached = 0
        return lexeme.value

    def _no_query(self, lexeme: Lexeme, before: str) -> str:
        self.frame.reached = None
        return lexeme.value

    def _set(self, lexeme: Lexeme, before: str) -> str:
        self.frame.reached = None
        if self.is_insert and before != "update" and len(self.frames) == 1:
            raise self._error(lexeme)  # INSERT ... SET is MySQL's
        return "set" if self.is_change or before == "update" else ""

    def _insert(self, lexeme: Lexeme, before: str) -> str:
        self.is_insert = True
        return lexeme.value

    def _never_a_name(self, lexeme: Lexeme, before: str) -> str:
        raise self._error(lexeme)

    def _join(self, lexeme: Lexeme, before: str) -> str:
        self.frame.joins += 0 if before == "cross" or self.frame.is_natural else 1
        self.frame.is_natural = False
        return lexeme.value

    def _distinct(self, lexeme: Lexeme, before: str) -> str:
        return "distinct" if self.frame.reached is not None else DISTINCT_ARGUMENT

    def _merge(self, lexeme: Lexeme, before: str) -> str:
        if before == ")" and len(self.frames) == 1:  # behind WITH
            raise FeatureNotSupported("MERGE is not supported", position=lexeme.start + 1)
        return ""

    def _natural(self, lexeme: Lexeme, before: str) -> str:
        self.frame.is_natural = True
        return lexeme.value

    def _condition(self, lexeme: Lexeme, before: str) -> str:
        """ON and USING: of a join, or of something else when no join waits for one."""
        frame, is_on = self.frame, lexeme.value == "on"
        if is_on and before == "distinct":
            return DISTINCT_ON
        if frame.joins:
            frame.joins -= 1
            return "on" if is_on else JOIN_USING
        if not is_on and frame.reached == _CLAUSES["order"]:
            raise FeatureNotSupported("ORDER BY USING is not supported", position=lexeme.start + 1)
        is_alone = frame.reached == _CLAUSES["from"] and not self.is_insert
        if is_alone and (is_on or not self.is_change or len(self.frames) > 1):
            raise self._error(lexeme)
        return lexeme.value

    def _in(self, lexeme: Lexeme, before: str) -> str:
        return "in" if self.frame.opener == "position" else IN_LIST

    def _for(self, lexeme: Lexeme, before: str) -> str:
        return "for" if self.frame.reached is None else FOR_LOCK

    def _by(self, lexeme: Lexeme, before: str) -> str:
        if before == "group":
            return "by"
        return ORDER_BY if before in ("order", "partition") else ""

    def _refuse_foreign_type(self, lexeme: Lexeme) -> None:
        behind = self.part.sql[lexeme.end : lexeme.end + 20].lstrip()
        if lexeme.value in FOREIGN_TYPES and not behind.lower().startswith("precision"):
            raise UndefinedObject(f'type "{lexeme.value}" does not exist', position=lexeme.start + 1)


_MEANINGS: dict[str, Callable[[_Checker, Lexeme, str], str]] = {
    **dict.fromkeys(_CLAUSES, _Checker._clause),
    **dict.fromkeys(("select", "union", "except", "intersect"), _Checker._new_query),
    **dict.fromkeys(("returning", "conflict", "values"), _Checker._no_query),
    **dict.fromkeys(NEVER_A_NAME, _Checker._never_a_name),
    "by": _Checker._by,
    "distinct": _Checker._distinct,
    "for": _Checker._for,
    "in": _Checker._in,
    "insert": _Checker._insert,
    "join": _Checker._join,
    "merge": _Checker._merge,
    "natural": _Checker._natural,
    "on": _Checker._condition,
    "set": _Checker._set,
    "using": _Checker._condition,
}
