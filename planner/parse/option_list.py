"""Option lists: ( name [value], ... ) as EXPLAIN, COPY, VACUUM and REINDEX take them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlvec.core.errors import SqlSyntaxError

from .cursor import Cursor
from .lexeme import Kind

_BOOLEANS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Option:
    """`value` is None where none was written, a tuple where a list was; '*' stands for itself."""

    name: str
    value: str | tuple[str, ...] | None
    position: int

    def boolean(self) -> bool:
        """No value is true."""
        if self.value is None:
            return True
        if isinstance(self.value, str) and self.value.lower() in _BOOLEANS:
            return _BOOLEANS[self.value.lower()]
        raise SqlSyntaxError(f"{self.name} requires a Boolean value", position=self.position)

    def text(self) -> str:
        if isinstance(self.value, str):
            return self.value
        raise SqlSyntaxError(f"{self.name} requires a parameter", position=self.position)


def parse_options(cursor: Cursor) -> tuple[Option, ...]:
    return cursor.in_parentheses(lambda: _option(cursor))


def _option(cursor: Cursor) -> Option:
    position = cursor.position
    name = cursor.any_name()
    if cursor.at_sign(",") or cursor.at_sign(")"):
        return Option(name, None, position)
    if cursor.at_sign("("):
        return Option(name, cursor.in_parentheses(lambda: parse_option_value(cursor)), position)
    return Option(name, "*" if cursor.accept_sign("*") else parse_option_value(cursor), position)


def parse_option_value(cursor: Cursor) -> str:
    if cursor.at_kind(Kind.STRING):
        return cursor.string()
    if cursor.at_kind(Kind.WORD) or cursor.at_kind(Kind.QUOTED):
        return cursor.any_name()
    return cursor.number()
