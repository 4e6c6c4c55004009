"""JSON values in Python: read with exact numbers, written as jsonb."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, ParamSpec, TypeVar

from sqlvec.core.types.json import normalise
from sqlvec.core.types.type_errors import StatementTooComplex

Json = Any  # None, bool, int, Number or Decimal, str, list, dict; never changed in place
P = ParamSpec("P")
R = TypeVar("R")
_LONGEST_INT: Final = 4000  # digits; Python refuses to print more than 4300


class Number(str):
    """A number that int cannot hold, as it is written."""

    __slots__ = ()


def parse(text: str) -> Json:
    """A document whose numbers keep all their digits."""
    if "\\u" in text:
        normalise(text)  # refuses what no text can hold
    return _load(text, Number, _int_or_number)


def parse_comparable(text: str) -> Json:
    """A document whose numbers compare by value, 1 with 1.0."""
    return _load(text, Decimal, _int_or_decimal)


parse_constant = lru_cache(64)(parse)  # for the side that is mostly the same in every row


def is_container(value: Json) -> bool:
    return isinstance(value, (dict, list))


def is_string(value: Json) -> bool:
    return type(value) is str


def to_jsonb(value: Json) -> str:
    """The text, as jsonb prints it, of a value from parse()."""
    numbers: list[Number] = []
    ordered = _ordered(value, numbers)
    return _spell(ordered) if numbers else _encode(ordered)


def refuse_deep_nesting(function: Callable[P, R]) -> Callable[P, R]:
    """54001 for a document that Python cannot walk, as PostgreSQL has it beyond its stack's depth."""

    def guarded(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return function(*arguments, **named)
        except RecursionError as error:
            raise StatementTooComplex("stack depth limit exceeded") from error

    return guarded


def _load(text: str, real: Callable[[str], Any], integer: Callable[[str], Any]) -> Json:
    try:
        return json.loads(text, parse_float=real, parse_int=integer, parse_constant=_refuse)
    except ValueError:
        return _load(normalise(text), real, integer)  # raises in PostgreSQL's words


def _refuse(word: str) -> None:
    raise ValueError(word)


def _int_or_number(digits: str) -> int | Number:
    return int(digits) if len(digits) < _LONGEST_INT else Number(digits)


def _int_or_decimal(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < _LONGEST_INT else Decimal(digits)


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def _ordered(value: Json, numbers: list[Number]) -> Json:
    """The value with keys and Numbers as jsonb has them; also collects the Numbers."""
    if isinstance(value, dict):
        return {key: _ordered(value[key], numbers) for key in sorted(value, key=_key_order)}
    if isinstance(value, list):
        return [_ordered(item, numbers) for item in value]
    if isinstance(value, Number):
        numbers.append(value)
        return Number(normalise(value))
    return value


def _key_order(key: str) -> tuple[int, str]:
    # The order of code points is that of UTF-8's bytes.
    return (len(key) if key.isascii() else len(key.encode())), key


def _spell(value: Json) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_encode(key)}: {_spell(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_spell, value)) + "]"
    return str(value) if isinstance(value, Number) else _encode(value)
