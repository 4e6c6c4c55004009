"""Unsupported syntax: parts of PostgreSQL's queries that sqlglot cannot read.

Asked only when sqlglot has given up, so that the client hears 0A000 and a name instead of a syntax error.
"""

from __future__ import annotations

from sqlvec.core.errors import FeatureNotSupported

from .cursor import Cursor
from .lexeme import Kind

_PHRASES: dict[tuple[str, ...], str] = {
    ("where", "current", "of"): "WHERE CURRENT OF",
    ("over", "(", "groups"): "GROUPS in a window frame",
    ("groups", "between"): "GROUPS in a window frame",
    ("groups", "unbounded"): "GROUPS in a window frame",
    ("groups", "current", "row"): "GROUPS in a window frame",
}
_BEFORE_OPERAND = ("(", ",", "select", "where", "and", "or", "not", "when", "then", "else", "by", "[")


def find_unsupported(part: Cursor) -> FeatureNotSupported | None:
    """What sqlglot may have stumbled over; `part` stands where it stopped."""
    stopped = part.index
    values = [lexeme.value for lexeme in part.lexemes]
    for phrase, name in _PHRASES.items():
        for index in range(len(values) - len(phrase) + 1):
            if tuple(values[index : index + len(phrase)]) == phrase:
                return _refusal(part, index, name)
    for index, lexeme in enumerate(part.lexemes[1:], 1):
        if lexeme.value == "(" and values[index - 1] == "json_object":
            return _refusal(part, index - 1, "json_object of an array")
    if 0 < stopped < len(values):
        name = _construct(part, stopped)
        if name:
            return _refusal(part, stopped, name)
    return None


def _construct(part: Cursor, index: int) -> str:
    here, before = part.lexemes[index], part.lexemes[index - 1]
    earlier = part.lexemes[index - 2].value if index > 1 else ""
    if before.kind is Kind.OPERATOR and earlier in _BEFORE_OPERAND and here.kind is not Kind.SIGN:
        return f"prefix operator {before.value}"
    if here.kind is Kind.STRING and before.value == ")":
        return "a type with modifiers before a string"
    if here.value == "as" and before.value == ")" and part.lexemes[index - 3].value in ("(", ","):
        return "an alias of JOIN USING"
    if any(lexeme.value == "tablesample" for lexeme in part.lexemes[max(0, index - 5) : index]):
        return "TABLESAMPLE of a computed share"
    if here.value == "[" and before.value in ("]", "array"):
        return "a size of an array type"
    return ""


def _refusal(part: Cursor, index: int, name: str) -> FeatureNotSupported:
    part.index = index
    return part.unsupported(name)
