"""json and jsonb: carried as text; jsonb always in PostgreSQL's normal form."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import InvalidBinaryRepresentation, InvalidTextRepresentation

from .json_fault import describe_fault
from .numeric import numeric_text
from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .text import encode_strings
from .type_errors import StatementTooComplex, UntranslatableCharacter
from .wire_column import binary_column, join_octets, text_column, to_wire

_VERSION = b"\x01"  # JSONB_VERSION, in front of every binary jsonb
_SIMPLE = r'^(-?[1-9][0-9]{0,17}|0|true|false|null|"[^"\\\x00-\x1f]*"|\{\}|\[\])$'  # already in normal form
# A number that Python would round, or that is too long for int(); a false alarm costs only time.
_FRACTION = re.compile(r"[0-9][.eE]|[0-9]{4000}")


class _Number(str):
    """A number with a fraction or exponent, spelled as numeric prints it: json would round it."""

    __slots__ = ()


def normalise(text: str) -> str:
    """The spelling of jsonb: keys by length then bytes, last duplicate wins, ", " and ": "."""
    try:
        is_plain = _FRACTION.search(text) is None
        value = _load(text, _plain_decoder if is_plain else _exact_decoder)
        if "\\u" in text:
            _check_surrogates(value)
        return _plain_encoder(value) if is_plain else _spell(value)
    except RecursionError as error:
        raise StatementTooComplex("stack depth limit exceeded") from error


def _load(text: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidTextRepresentation(
            "invalid input syntax for type json", detail=describe_fault(text)
        ) from error


def _exact_number(spelling: str) -> _Number:
    return _Number(numeric_text(_plain_decimal(spelling)))


def _refuse_constant(word: str) -> None:
    raise json.JSONDecodeError("Infinity and NaN are no JSON", word, 0)


def _ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < 2:
        return members
    keys = sorted(members)  # strings sort as their UTF-8 does
    keys.sort(key=len if "".join(keys).isascii() else _length)
    return {key: members[key] for key in keys}


def _length(key: str) -> int:
    return len(key.encode("utf-8", "surrogatepass"))


def _plain_decimal(spelling: str) -> Decimal:
    number = Decimal(spelling)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if abs(exponent) > 16383 or number.adjusted() > 131071:
        raise InvalidTextRepresentation("value overflows numeric format")
    return number


def _check_surrogates(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text.replace("\\\\", ""):
        raise UntranslatableCharacter(
            "unsupported Unicode escape sequence", detail="\\u0000 cannot be converted to text."
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidTextRepresentation(
            "invalid input syntax for type json", detail="Unicode low surrogate must follow a high surrogate."
        ) from error


def _spell(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_plain_encoder(key)}: {_spell(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_spell, value)) + "]"
    return _plain_encoder(value)


_plain_encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_plain_decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_ordered)
_exact_decoder = json.JSONDecoder(
    parse_float=_exact_number,
    parse_int=_exact_number,
    parse_constant=_refuse_constant,
    object_pairs_hook=_ordered,
)
_validator = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant)


# Codecs -------------------------------------------------------------------------------------------------


def _json_from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    for text in strings.to_pylist():  # no vectorised parser; the text itself is kept
        if text is not None:
            _validate(text)
    return strings.cast(pa.string())


def _validate(text: str) -> None:
    try:
        _load(text, _validator)
    except RecursionError as error:
        raise StatementTooComplex("stack depth limit exceeded") from error


def _normalised(strings: pa.Array) -> pa.Array:
    simple = pc.fill_null(pc.match_substring_regex(strings, _SIMPLE), True)
    if pc.all(simple).as_py() is not False:
        return strings.cast(pa.string())
    # A document has no columns; a loop around json's C parser.
    return pa.array([None if x is None else normalise(x) for x in strings.to_pylist()], pa.string())


def _jsonb_to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    return to_wire(_normalised(array))


def _jsonb_from_text(values: Sequence[WireValue]) -> pa.Array:
    return _normalised(text_column(values))


def _jsonb_to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    return join_octets(_VERSION, _jsonb_to_text(array, output_format))


def _jsonb_from_bytes(values: Sequence[WireValue]) -> pa.Array:
    octets = binary_column(values)
    if pc.all(pc.starts_with(octets, "\x01")).as_py() is False:
        wrong = next(value for value in values if value is not None and bytes(value[:1]) != b"\x01")
        number = wrong[0] if len(wrong) else 0
        raise InvalidBinaryRepresentation(f"unsupported jsonb version number {number}")
    return _jsonb_from_text([None if value is None else value[1:] for value in values])


JSON = PgType(
    name="json",
    oid=114,
    array_oid=199,
    length=-1,
    category="U",
    arrow=pa.string(),
    duckdb="JSON",
    text=Codec(encode_strings, _json_from_text),
    binary=Codec(encode_strings, _json_from_text),
)
JSONB = PgType(
    name="jsonb",
    oid=3802,
    array_oid=3807,
    length=-1,
    category="U",
    arrow=pa.string(),
    duckdb="JSON",
    text=Codec(_jsonb_to_text, _jsonb_from_text),
    binary=Codec(_jsonb_to_bytes, _jsonb_from_bytes),
)
