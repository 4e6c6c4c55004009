"""Option values: parsers of server options.

Each takes the text of a flag or variable, or the value in the file, and returns the field's value;
ValueError says what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from sqlvec.wire.auth.hba import parse_method, parse_rules, parse_table
from sqlvec.wire.auth.rule import Method, Rule


def text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError(f"{_shown(given)} is not a text")
    if not given.strip():
        raise ValueError("it is empty")
    return given


def secret(given: object) -> str:
    """A text that is not repeated in an error."""
    if not isinstance(given, str):
        raise ValueError("it is not a text")
    return given


def path(given: object) -> Path:
    return Path(text(given)).expanduser()


def whole_number(low: int, high: int) -> Callable[[object], int]:
    def parse(given: object) -> int:
        try:
            # int(3.7) and int(True) would pass, hence the detour over text.
            number = int(given if isinstance(given, str) else repr(given))
        except ValueError:
            raise ValueError(f"{_shown(given)} is not a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"{number} is not between {low} and {high}")
        return number

    return parse


def one_of(*choices: str) -> Callable[[object], str]:
    def parse(given: object) -> str:
        word = text(given).lower()
        if word not in choices:
            raise ValueError(f"{_shown(given)} is not one of {', '.join(choices)}")
        return word

    return parse


_UNITS = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}  # powers of two, as PostgreSQL's
_MIN_MEMORY = 64 * 2**20  # below this DuckDB refuses ordinary queries


def memory(given: object) -> int:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B)\s*", given if isinstance(given, str) else "", re.I)
    if match is None:
        raise ValueError(f'{_shown(given)} is not a size such as "512MB" or "4GB"')
    size = int(float(match[1]) * _UNITS[match[2].upper()])
    if size < _MIN_MEMORY:
        raise ValueError(f"{_shown(given)} is less than 64MB")
    return size


_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


def duration(low: float, high: float) -> Callable[[object], float]:
    """Seconds, of a number or a text such as "500ms" or "1min"."""

    def parse(given: object) -> float:
        written = str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", written if isinstance(written, str) else "")
        if match is None or match[2] not in _SECONDS:
            raise ValueError(f'{_shown(given)} is not a time such as "30s" or "1min"')
        seconds = float(match[1]) * _SECONDS[match[2]]
        if not low <= seconds <= high:
            raise ValueError(f"{_shown(given)} is not between {low:g} and {high:g} seconds")
        return seconds

    return parse


def switch(given: object) -> bool:
    word = given if isinstance(given, bool) else text(given).lower()
    if word in (True, "on", "true", "yes", "1"):
        return True
    if word in (False, "off", "false", "no", "0"):
        return False
    raise ValueError(f"{_shown(given)} is not on or off")


def method(given: object) -> Method:
    return parse_method(text(given))


def rules(given: object) -> tuple[Rule, ...]:
    """Lines in one text, or a list of lines and tables. An empty list lets nobody in, so it is a mistake."""
    if isinstance(given, str):
        found = parse_rules(re.split(r"[;\n]", given))
    elif isinstance(given, list):
        found = tuple(rule for entry in given for rule in _rules_of(entry))
    else:
        raise ValueError(f"{_shown(given)} is not a list of rules")
    if not found:
        raise ValueError("it has no rules")
    return found


def _rules_of(entry: object) -> tuple[Rule, ...]:
    if isinstance(entry, dict):
        return (parse_table(entry),)
    return parse_rules([text(entry)])


def _shown(given: object) -> str:
    return f'"{given}"' if isinstance(given, str) else repr(given)
