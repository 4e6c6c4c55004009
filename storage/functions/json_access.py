"""Reading of JSON: what lies at a path, which keys there are, of what type a value is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from .json_value import Json, is_container, is_string, parse, refuse_deep_nesting, to_jsonb
from .registration import SqlFunction, each_row

_MISSING: Final = object()
_INDEX = re.compile(r"[ \t\n\r\f\v]*[+-]?[0-9]+")
_MAX_INT = 2**31 - 1


@refuse_deep_nesting
def path(documents: pa.Array, paths: pa.Array) -> pa.Array:
    """#>: the JSON at the path."""
    return each_row(_json_at, pa.string(), documents, paths)


@refuse_deep_nesting
def path_text(documents: pa.Array, paths: pa.Array) -> pa.Array:
    """#>>: the text at the path."""
    return each_row(_text_at, pa.string(), documents, paths)


@refuse_deep_nesting
def exists(documents: pa.Array, keys: pa.Array, least: pa.Array) -> pa.Array:
    """? and ?| with `least` 1, ?& with `least` 0: keys of an object, strings of an array, or one string."""
    return each_row(_exists, pa.bool_(), documents, keys, least)


def typeof(documents: pa.Array) -> pa.Array:
    first = pc.utf8_slice_codeunits(pc.ascii_ltrim_whitespace(documents), 0, 1)
    cases = {'"': "string", "{": "object", "[": "array", "t": "boolean", "f": "boolean", "n": "null"}
    codes = pc.index_in(first, pa.array(list(cases)))
    names = pa.array(list(cases.values())).take(codes)
    return pc.if_else(pc.is_valid(documents), pc.fill_null(names, "number"), pa.scalar(None, pa.string()))


def _json_at(document: str, steps: Sequence[str | None]) -> str | None:
    found = _follow(parse(document), steps)
    return None if found is _MISSING else to_jsonb(found)


def _text_at(document: str, steps: Sequence[str | None]) -> str | None:
    found = _follow(parse(document), steps)
    if found is _MISSING or found is None:
        return None
    return found if is_string(found) else to_jsonb(found)


def _follow(value: Json, steps: Sequence[str | None]) -> Json:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step, _MISSING)
        elif isinstance(value, list):
            place = None if step is None else list_index(step)
            is_inside = place is not None and -len(value) <= place < len(value)
            value = value[place or 0] if is_inside else _MISSING
        else:
            return _MISSING
    return value


def list_index(step: str) -> int | None:
    """The array index that a path's step names, as strtol() reads it; None if it is none."""
    if not _INDEX.fullmatch(step):
        return None
    number = int(step)
    return number if -_MAX_INT - 1 <= number <= _MAX_INT else None


def _exists(document: str, keys: Sequence[str | None], least: int) -> bool:
    value = parse(document)
    if isinstance(value, dict):
        present = set(value)
    else:
        present = {item for item in (value if is_container(value) else [value]) if is_string(item)}
    wanted = {key for key in keys if key is not None}
    return wanted <= present if least == 0 else not wanted.isdisjoint(present)


_DOCUMENT_AND_PATH = ("VARCHAR", "VARCHAR[]")
FUNCTIONS = (
    SqlFunction("sqlvec_json_path", path, _DOCUMENT_AND_PATH, "VARCHAR"),
    SqlFunction("sqlvec_json_path_text", path_text, _DOCUMENT_AND_PATH, "VARCHAR"),
    SqlFunction("sqlvec_jsonb_exists", exists, (*_DOCUMENT_AND_PATH, "INTEGER"), "BOOLEAN"),
    SqlFunction("sqlvec_json_typeof", typeof, ("VARCHAR",), "VARCHAR"),
)
