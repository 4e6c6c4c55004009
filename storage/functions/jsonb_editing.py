"""Changes of jsonb: normal form, ||, -, jsonb_set, jsonb_strip_nulls, jsonb_pretty."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from sqlvec.core.errors import InvalidParameterValue, InvalidTextRepresentation
from sqlvec.core.types.json import normalise
from sqlvec.core.types.type_errors import NullValueNotAllowed

from .json_access import list_index
from .json_value import Json, is_container, is_string, parse, parse_constant, refuse_deep_nesting, to_jsonb
from .registration import ANY, SqlFunction, each_row


def jsonb(documents: pa.Array) -> pa.Array:
    return each_row(normalise, pa.string(), documents)


@refuse_deep_nesting
def concat(lefts: pa.Array, rights: pa.Array) -> pa.Array:
    return each_row(
        lambda left, right: to_jsonb(_concat(parse(left), parse_constant(right))), pa.string(), lefts, rights
    )


def _concat(left: Json, right: Json) -> Json:
    """Objects merge; all else becomes arrays, one after the other."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left | right
    return _as_list(left) + _as_list(right)


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


@refuse_deep_nesting
def delete(documents: pa.Array, places: pa.Array) -> pa.Array:
    """The type of the right side decides: text is a key, an integer an index, a list several keys."""
    if pa.types.is_integer(places.type):
        return each_row(_delete_index, pa.string(), documents.cast(pa.string()), places)
    if pa.types.is_list(places.type):
        keys = places.cast(pa.list_(pa.string()))
        return each_row(_delete_keys, pa.string(), documents.cast(pa.string()), keys)
    return each_row(
        lambda document, key: _delete_keys(document, (key,)),
        pa.string(),
        documents.cast(pa.string()),
        places.cast(pa.string()),
    )


def _delete_keys(document: str, keys: Sequence[str | None]) -> str:
    value = parse(document)
    if isinstance(value, dict):
        return to_jsonb({key: item for key, item in value.items() if key not in keys})
    if isinstance(value, list):
        return to_jsonb([item for item in value if not (is_string(item) and item in keys)])
    raise InvalidParameterValue("cannot delete from scalar")


def _delete_index(document: str, place: int) -> str:
    value = parse(document)
    if isinstance(value, dict):
        raise InvalidParameterValue("cannot delete from object using integer index")
    if not isinstance(value, list):
        raise InvalidParameterValue("cannot delete from scalar")
    gone = place + len(value) if place < 0 else place
    return to_jsonb([item for index, item in enumerate(value) if index != gone])


@refuse_deep_nesting
def set_(targets: pa.Array, paths: pa.Array, values: pa.Array, creates: pa.Array | None = None) -> pa.Array:
    columns = (targets.cast(pa.string()), paths.cast(pa.list_(pa.string())), values.cast(pa.string()))
    if creates is None:
        creates = pa.array([True] * len(targets))
    return each_row(_set, pa.string(), *columns, creates.cast(pa.bool_()))


def _set(target: str, path: Sequence[str | None], value: str, create: bool) -> str:  # noqa: FBT001 - SQL's argument
    document = parse(target)
    if not is_container(document):
        raise InvalidParameterValue("cannot set path in scalar")
    if not path or not (document or create):
        return to_jsonb(document)
    return to_jsonb(_with(document, path, 0, parse_constant(value), create=create))


def _with(document: Json, path: Sequence[str | None], level: int, value: Json, *, create: bool) -> Json:
    """The document with the value at the path; steps on the way are not made, and a scalar ends it."""
    step = path[level]
    if step is None:
        raise NullValueNotAllowed(f"path element at position {level + 1} is null")
    is_last = level + 1 == len(path)
    if isinstance(document, dict):
        if step not in document:
            return {**document, step: value} if create and is_last else document
        inner = value if is_last else _with(document[step], path, level + 1, value, create=create)
        return {**document, step: inner}
    if not isinstance(document, list):
        return document
    place = _place(step, level, len(document))
    if 0 <= place < len(document):
        inner = value if is_last else _with(document[place], path, level + 1, value, create=create)
        return [*document[:place], inner, *document[place + 1 :]]
    if not (create and is_last):
        return document
    return [value, *document] if place < 0 else [*document, value]


def _place(step: str, level: int, length: int) -> int:
    index = list_index(step)
    if index is None:
        raise InvalidTextRepresentation(f'path element at position {level + 1} is not an integer: "{step}"')
    return index + length if index < 0 else index


@refuse_deep_nesting
def strip_nulls(documents: pa.Array) -> pa.Array:
    return each_row(lambda document: to_jsonb(_stripped(parse(document))), pa.string(), documents)


def _stripped(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _stripped(item) for key, item in value.items() if item is not None}
    return [_stripped(item) for item in value] if isinstance(value, list) else value


@refuse_deep_nesting
def pretty(documents: pa.Array) -> pa.Array:
    return each_row(lambda document: _indented(parse(normalise(document)), ""), pa.string(), documents)


def _indented(value: Json, margin: str) -> str:
    """Four blanks a level; an empty container still takes two lines."""
    inner = margin + "    "
    if isinstance(value, dict):
        lines = [f"{inner}{to_jsonb(key)}: {_indented(item, inner)}" for key, item in value.items()]
        return "\n".join(("{", ",\n".join(lines), margin + "}") if lines else ("{", margin + "}"))
    if isinstance(value, list):
        lines = [inner + _indented(item, inner) for item in value]
        return "\n".join(("[", ",\n".join(lines), margin + "]") if lines else ("[", margin + "]"))
    return to_jsonb(value)


@refuse_deep_nesting
def delete_path(documents: pa.Array, paths: pa.Array) -> pa.Array:
    """The #- operator."""
    return each_row(
        lambda document, path: to_jsonb(_without(parse(document), path)), pa.string(), documents, paths
    )


def _without(value: Json, path: Sequence[str]) -> Json:
    if not is_container(value):
        raise InvalidParameterValue("cannot delete path in scalar")
    return _without_item(value, path, 0)


def _without_item(value: Json, path: Sequence[str], level: int) -> Json:
    """What is not there stays away without complaint."""
    if level == len(path) or not is_container(value):
        return value
    step, is_last = path[level], level + 1 == len(path)
    if isinstance(value, dict):
        if step not in value:
            return value
        if is_last:
            return {key: item for key, item in value.items() if key != step}
        return {**value, step: _without_item(value[step], path, level + 1)}
    place = _place(step, level, len(value))
    if not 0 <= place < len(value):
        return value
    kept = [] if is_last else [_without_item(value[place], path, level + 1)]
    return [*value[:place], *kept, *value[place + 1 :]]


FUNCTIONS = (
    SqlFunction("sqlvec_jsonb", jsonb, ("VARCHAR",), "JSON"),
    SqlFunction("sqlvec_jsonb_concat", concat, ("VARCHAR", "VARCHAR"), "JSON"),
    SqlFunction("sqlvec_jsonb_delete", delete, ANY, "JSON"),  # (JSON, VARCHAR or integer or VARCHAR[])
    SqlFunction("sqlvec_jsonb_delete_path", delete_path, ("VARCHAR", "VARCHAR[]"), "JSON"),
    SqlFunction("sqlvec_jsonb_set", set_, ANY, "JSON"),  # (JSON, VARCHAR[], JSON[, BOOLEAN])
    SqlFunction("sqlvec_jsonb_strip_nulls", strip_nulls, ("VARCHAR",), "JSON"),
    SqlFunction("sqlvec_jsonb_pretty", pretty, ("VARCHAR",), "VARCHAR"),
)
