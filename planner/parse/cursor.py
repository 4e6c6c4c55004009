"""Cursor: a place among a statement's lexemes, with the questions every statement parser asks there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlvec.core.errors import FeatureNotSupported, SqlSyntaxError

from ..statements import Name
from .keywords import NOT_A_COLUMN, NOT_A_FUNCTION, RESERVED
from .lexeme import Kind, Lexeme, syntax_error

Item = TypeVar("Item")

BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}


class Cursor:
    """Reads the lexemes of one statement, or of a part of it.

    `sql` is the client's whole text, for positions; `end` is the lexeme behind the last one, for complaints
    about what is missing: a semicolon, a closing bracket, None at the end of the text.
    """

    __slots__ = ("end", "index", "lexemes", "sql")

    def __init__(self, sql: str, lexemes: list[Lexeme], end: Lexeme | None = None) -> None:
        self.sql = sql
        self.lexemes = lexemes
        self.end = end
        self.index = 0

    # Where are we? ------------------------------------------------------------------------------------------

    @property
    def current(self) -> Lexeme | None:
        return self.lexemes[self.index] if self.index < len(self.lexemes) else None

    @property
    def position(self) -> int:
        """1-based position of the current lexeme, or of the end of the statement."""
        here = self.current or self.end
        return here.start + 1 if here else len(self.sql) + 1

    def word(self, ahead: int = 0) -> str:
        """The keyword here; '' when it is something else."""
        index = self.index + ahead
        if index < len(self.lexemes) and self.lexemes[index].kind is Kind.WORD:
            return self.lexemes[index].value
        return ""

    def at(self, *words: str) -> bool:
        return all(self.word(ahead) == word for ahead, word in enumerate(words))

    def at_sign(self, sign: str, ahead: int = 0) -> bool:
        index = self.index + ahead
        if index >= len(self.lexemes):
            return False
        kind, value, *_ = self.lexemes[index]
        return value == sign and (kind is Kind.SIGN or kind is Kind.OPERATOR)

    def at_kind(self, kind: Kind) -> bool:
        return self.index < len(self.lexemes) and self.lexemes[self.index].kind is kind

    # Complaints ---------------------------------------------------------------------------------------------

    def error(self) -> SqlSyntaxError:
        """The lexeme here does not fit."""
        return syntax_error(self.sql, self.current or self.end)

    def unsupported(self, construct: str) -> FeatureNotSupported:
        return FeatureNotSupported(f"{construct} is not supported", position=self.position)

    def must_end(self) -> None:
        if self.index < len(self.lexemes):
            raise self.error()

    # Words and signs ----------------------------------------------------------------------------------------

    def accept(self, *words: str) -> bool:
        """Step over these words when all stand here."""
        if not self.at(*words):
            return False
        self.index += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.accept(word):
                raise self.error()

    def accept_one_of(self, *words: str) -> str:
        """Step over the one of these words that stands here; '' when none does."""
        word = self.word()
        if word and word in words:
            self.index += 1
            return word
        return ""

    def expect_one_of(self, *words: str) -> str:
        word = self.accept_one_of(*words)
        if not word:
            raise self.error()
        return word

    def accept_sign(self, sign: str) -> bool:
        if not self.at_sign(sign):
            return False
        self.index += 1
        return True

    def expect_sign(self, sign: str) -> None:
        if not self.accept_sign(sign):
            raise self.error()

    # Names --------------------------------------------------------------------------------------------------

    def name(self, refused: frozenset[str] = NOT_A_COLUMN) -> str:
        """A table's, column's or other name (ColId)."""
        current = self.current
        if current is None or (current.kind is not Kind.QUOTED and current.kind is not Kind.WORD):
            raise self.error()
        if current.kind is Kind.WORD and current.value in refused:
            raise self.error()
        self.index += 1
        return current.value

    def any_name(self) -> str:
        """A name where every keyword is allowed (ColLabel)."""
        return self.name(refused=frozenset())

    def non_reserved(self) -> str:
        """A name where only reserved words are refused (NonReservedWord, a role, a function-like word)."""
        return self.name(refused=RESERVED)

    def function_name(self) -> str:
        return self.name(refused=NOT_A_FUNCTION)

    def qualified_name(self) -> Name:
        """name, schema.name; the database in front is only allowed by PostgreSQL when it is this one."""
        position = self.position
        parts = [self.name()]
        while self.accept_sign("."):
            parts.append(self.any_name())
        if len(parts) > 3:
            shown = ".".join(parts)
            raise SqlSyntaxError(
                f"improper qualified name (too many dotted names): {shown}", position=position
            )
        return Name(parts[-2] if len(parts) > 1 else None, parts[-1], position)

    def names(self) -> tuple[str, ...]:
        """( name, ... )"""
        return self.in_parentheses(self.name)

    # Literals -----------------------------------------------------------------------------------------------

    def string(self) -> str:
        if not self.at_kind(Kind.STRING):
            raise self.error()
        self.index += 1
        return self.lexemes[self.index - 1].value

    def number(self) -> str:
        """A number, with its sign."""
        sign = "-" if self.accept_sign("-") else ""
        if not sign:
            self.accept_sign("+")
        if not self.at_kind(Kind.NUMBER):
            raise self.error()
        self.index += 1
        return sign + self.lexemes[self.index - 1].value

    def integer(self) -> int:
        start = self.index
        number = self.number()
        if not number.lstrip("-").isdigit():
            self.index = start + (1 if self.lexemes[start].kind is Kind.OPERATOR else 0)
            raise self.error()
        return int(number)

    # Lists and slices ---------------------------------------------------------------------------------------

    def list_of(self, item: Callable[[], Item]) -> tuple[Item, ...]:
        """item, item, ..."""
        items = [item()]
        while self.accept_sign(","):
            items.append(item())
        return tuple(items)

    def in_parentheses(self, item: Callable[[], Item]) -> tuple[Item, ...]:
        """( item, ... )"""
        self.expect_sign("(")
        items = self.list_of(item)
        self.expect_sign(")")
        return items

    def parenthesised(self) -> Cursor:
        """What stands between the ( here and its ), which are stepped over too."""
        self.expect_sign("(")
        start, depth = self.index, 1
        while (current := self.current) is not None:
            if current.kind is Kind.SIGN and current.value in BRACKETS:
                depth += BRACKETS[current.value]
            if depth == 0:
                break
            self.index += 1
        inner = self.slice_from(start)
        self.expect_sign(")")
        return inner

    def until(self, is_end: Callable[[], bool]) -> Cursor:
        """What stands from here to where `is_end` outside brackets and CASE, or to an outer bracket's end.

        At least one lexeme, so that NULL may end a default and be one.
        """
        start, depth, cases = self.index, 0, 0
        while (current := self.current) is not None:
            if current.kind is Kind.SIGN and current.value in BRACKETS:
                depth += BRACKETS[current.value]
                if depth < 0:
                    break
            elif current.kind is Kind.WORD and current.value in ("case", "end"):
                cases = max(0, cases + (1 if current.value == "case" else -1))
            if depth == 0 and cases == 0 and self.index > start and is_end():
                break
            self.index += 1
        if self.index == start:
            raise self.error()
        return self.slice_from(start)

    def rest(self) -> Cursor:
        """Everything from here on."""
        start = self.index
        self.index = len(self.lexemes)
        return self.slice_from(start)

    def slice_from(self, start: int) -> Cursor:
        return Cursor(self.sql, self.lexemes[start : self.index], self.current or self.end)

    @property
    def text(self) -> str:
        """The client's text of all lexemes."""
        return self.sql[self.lexemes[0].start : self.lexemes[-1].end] if self.lexemes else ""
