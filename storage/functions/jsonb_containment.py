"""@> on jsonb: whether one document holds another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.types.wire_column import validity, with_validity

from .json_value import Json, is_container, parse_comparable, refuse_deep_nesting
from .registration import SqlFunction

_MAX_NEEDLES = 6  # each is a search through the whole column, and the first few leave little
_SPECIAL = re.compile(r"[!-/:-@\[-^`{-~]")  # ASCII that RE2 may take for syntax
_parse_small = lru_cache(64)(parse_comparable)


@refuse_deep_nesting
def contains(bigs: pa.Array, smalls: pa.Array) -> pa.Array:
    valid = validity(bigs) & validity(smalls)
    candidates = valid & _may_contain(bigs, smalls)
    places = np.flatnonzero(candidates)
    result = np.zeros(len(valid), np.bool_)
    pairs = zip(_texts(bigs, places), _texts(smalls, places), strict=True)
    result[places] = [holds(parse_comparable(big), _parse_small(small)) for big, small in pairs]
    return with_validity(pa.array(result), valid)


def _texts(column: pa.Array, places: npt.NDArray[np.int64]) -> list[str]:
    texts: list[str] = column.take(pa.array(places)).to_pylist()
    return texts


def holds(big: Json, small: Json) -> bool:
    """A top-level array also holds a scalar that is one of its elements; nothing else crosses kinds."""
    if isinstance(big, list) and not is_container(small):
        return _has_scalar(big, small)
    if is_container(big) and is_container(small):
        return _container_holds(big, small)
    return not is_container(big) and not is_container(small) and _is_same(big, small)


def _container_holds(big: Json, small: Json) -> bool:
    if isinstance(big, dict) and isinstance(small, dict):
        return len(small) <= len(big) and all(
            key in big and _member_holds(big[key], item) for key, item in small.items()
        )
    if isinstance(big, list) and isinstance(small, list):
        return all(_element_held(big, item) for item in small)
    return False


def _member_holds(big: Json, small: Json) -> bool:
    if is_container(small):
        return is_container(big) and _container_holds(big, small)
    return not is_container(big) and _is_same(big, small)


def _element_held(big: list[Json], item: Json) -> bool:
    if is_container(item):
        return any(is_container(element) and _container_holds(element, item) for element in big)
    return _has_scalar(big, item)


def _has_scalar(big: list[Json], scalar: Json) -> bool:
    return any(_is_same(element, scalar) for element in big)


def _is_same(left: Json, right: Json) -> bool:
    # In Python true equals 1.
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


# Parsing costs microseconds per row; a search for texts that every big document must have costs far less.


def _may_contain(bigs: pa.Array, smalls: pa.Array) -> npt.NDArray[np.bool_]:
    """False where a row's text rules containment out."""
    possible = np.ones(len(bigs), np.bool_)
    small = _constant(smalls)
    if small is None:
        return possible
    for needle in _needles(small):
        # Where there are escapes, the same text may be spelled in several ways.
        found = pc.match_substring_regex(bigs, rf"\\|{needle}").fill_null(False)
        possible &= found.to_numpy(zero_copy_only=False)
    return possible


def _constant(column: pa.Array) -> str | None:
    if len(column) < 2 or not column[0].is_valid:
        return None
    same = pc.all(pc.equal(column, column[0]), skip_nulls=False).as_py()
    return column[0].as_py() if same else None


@lru_cache(64)
def _needles(small: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_necessary(_parse_small(small))))[:_MAX_NEEDLES]


def _necessary(value: Json) -> Iterator[str]:
    """Regular expressions that match a document without escapes if it holds the value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield rf"{_escaped(key)}\s*:\s*{_spellings(item)}"
            if is_container(item):
                yield from _necessary(item)
    elif isinstance(value, list):
        for item in value:
            yield from _necessary(item)
    elif isinstance(value, str):
        yield _escaped(value)


def _spellings(value: Json) -> str:
    """How a value may begin in a document."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, Decimal)):
        return _number_spellings(value)
    if isinstance(value, str):
        return _escaped(value)
    return r"[{\[]"


def _number_spellings(value: int | Decimal) -> str:
    """1700 may also be 1700.00 or 1.7e3, and 2.5 may be 2.50."""
    if isinstance(value, Decimal) and not -30 < value.adjusted() < 30:
        return "-?[0-9]"
    whole, _, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0")
    spelled = rf"{whole}\.{fraction}0*" if fraction else rf"{whole}(?:\.0*)?"
    return rf"(?:{spelled}(?:[\s,}}]|$)|-?[0-9.]+[eE])" if value else "-?0"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", json.dumps(text, ensure_ascii=False))


FUNCTIONS = (SqlFunction("sqlvec_jsonb_contains", contains, ("VARCHAR", "VARCHAR"), "BOOLEAN"),)
