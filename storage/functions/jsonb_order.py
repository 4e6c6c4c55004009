"""The order of jsonb: a binary key that compares as PostgreSQL compares the documents."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from .json_value import Json, is_string, parse_comparable, refuse_deep_nesting
from .registration import SqlFunction, each_row

_EMPTY, _NULL, _STRING, _NUMBER, _BOOL, _ARRAY, _OBJECT = (bytes((rank,)) for rank in range(7))
_MIDDLE = 2**31  # exponents are below it on either side


@refuse_deep_nesting
def keys(documents: pa.Array) -> pa.Array:
    """Equal documents have equal keys: the order of members and 1 or 1.0 make no difference."""
    return each_row(lambda document: _top(parse_comparable(document)), pa.binary(), documents)


def _top(value: Json) -> bytes:
    return _EMPTY if value == [] else _key(value)  # below all scalars, but only outermost, for history's sake


def _key(value: Json) -> bytes:
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _BOOL + bytes((value,))
    if isinstance(value, dict):
        # Members are kept by the length of their names, then by the names.
        members = sorted((name.encode(), item) for name, item in value.items())
        members.sort(key=lambda member: len(member[0]))
        pairs = (_text(name) + _key(item) for name, item in members)
        return _OBJECT + len(members).to_bytes(4, "big") + b"".join(pairs)
    if isinstance(value, list):
        return _ARRAY + len(value).to_bytes(4, "big") + b"".join(map(_key, value))
    return _scalar(value)


def _scalar(value: Json) -> bytes:
    return _STRING + _text(value.encode()) if is_string(value) else _NUMBER + _number(Decimal(value))


def _text(text: bytes) -> bytes:
    return text + b"\0"  # jsonb strings hold no NUL


def _number(value: Decimal) -> bytes:
    if not value:
        return b"\x01"
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0").encode() + b"\0"
    body = (value.adjusted() + _MIDDLE).to_bytes(4, "big") + digits
    return b"\x02" + body if value > 0 else b"\x00" + bytes(255 - byte for byte in body)


FUNCTIONS = (SqlFunction("sqlvec_jsonb_key", keys, ("VARCHAR",), "BLOB"),)
