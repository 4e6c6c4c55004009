"""numeric: exact decimals of up to 38 digits, which is what the storage keeps."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation, localcontext

import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import (
    FeatureNotSupported,
    InvalidBinaryRepresentation,
    InvalidTextRepresentation,
    NumericValueOutOfRange,
)

from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .wire_column import text_column, to_wire

MAX_DIGITS = 38  # DuckDB's DECIMAL, and decimal128
DEFAULT_DUCKDB = "DECIMAL(38,10)"  # numeric without modifier: DuckDB has no unconstrained decimal

_PLAIN = r"^[+-]?[0-9]+(\.[0-9]*)?$"
_NUMERIC = re.compile(
    r"([+-]?)(?:(0x(?:_?[0-9a-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+)"
    r"|((?:\d+(?:_\d+)*)?(?:\.(?:\d+(?:_\d+)*)?)?)(e[+-]?\d+)?)",
    re.IGNORECASE,
)
_SPECIAL = frozenset(("nan", "inf", "infinity", "+inf", "+infinity", "-inf", "-infinity"))
_NEGATIVE, _NAN, _INFINITY, _MINUS_INFINITY = 0x4000, 0xC000, 0xD000, 0xF000  # NUMERIC_NEG and its kin
_EXACT = Context(prec=2000)


def decimals_to_array(numbers: Sequence[Decimal | None]) -> pa.Array:
    """Decimals as the narrowest decimal128 that holds them all."""
    scale = whole = 0
    for number in numbers:  # Arrow infers no common scale for numbers of different exponents
        if number is not None:
            _, digits, exponent = number.as_tuple()
            assert isinstance(exponent, int)
            scale = max(scale, -exponent)
            whole = max(whole, len(digits) + exponent)
    if scale + whole > MAX_DIGITS:
        raise_too_wide()
    return pa.array(numbers, pa.decimal128(max(1, scale + whole), scale))


def parse_numeric(text: str) -> Decimal:
    """One numeric as PostgreSQL reads it."""
    word = text.strip(" \t\n\r\f\v")
    if word.lower() in _SPECIAL:
        raise FeatureNotSupported(f'numeric value "{word}" is not supported')
    match = _NUMERIC.fullmatch(word)
    if match is None or not (match[2] or any(map(str.isdigit, match[3]))):
        raise InvalidTextRepresentation(f'invalid input syntax for type numeric: "{text}"')
    if match[2]:
        number = Decimal(int(match[2].replace("_", ""), 0))
    else:
        exponent = int((match[4] or "e0")[1:])
        if abs(exponent) > 1000:
            raise_too_wide()
        number = Decimal(match[3].replace("_", "")).scaleb(exponent, _EXACT)
    if number.as_tuple().exponent > 0:  # type: ignore[operator]
        number = number.quantize(Decimal(1), context=_EXACT)
    return -number if match[1] == "-" and number else number


def numeric_text(number: Decimal) -> str:
    """A decimal as PostgreSQL prints numeric: never an exponent, no minus zero."""
    return f"{number:f}" if number else f"{abs(number):f}"


def division_scale(left: Decimal, right: Decimal) -> int:
    """Digits behind the point of left / right: PostgreSQL's select_div_scale()."""
    weights = [_weight(number) for number in (left, right)]
    quotient = weights[0][0] - weights[1][0] - (weights[0][1] <= weights[1][1])
    scales = [-int(number.as_tuple().exponent) for number in (left, right)]
    return min(max(16 - 4 * quotient, 0, *scales), 1000)  # NUMERIC_MIN_SIG_DIGITS, NUMERIC_MAX_DISPLAY_SCALE


def _weight(number: Decimal) -> tuple[int, int]:
    """The power of 10000 of the first base-10000 digit, and that digit."""
    if not number:
        return 0, 0
    weight = number.adjusted() // 4
    return weight, int(abs(number).scaleb(-4 * weight, _EXACT))


def raise_too_wide() -> None:
    """22003 for numbers PostgreSQL would keep and we cannot."""
    raise NumericValueOutOfRange(
        "value overflows numeric format",
        detail=f"Numbers of more than {MAX_DIGITS} digits are not supported.",
    )


def _to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    strings = array.cast(pa.large_string())
    powers = pc.match_substring(strings, "E")
    if pc.any(powers).as_py():  # Arrow prints small numbers with an exponent
        plain = [numeric_text(number) for number in array.filter(powers).to_pylist()]
        strings = pc.replace_with_mask(strings, powers, pa.array(plain, pa.large_string()))
    if _is_padded(array.type):
        strings = pc.ascii_rtrim(pc.ascii_rtrim(strings, "0"), ".")
    return to_wire(strings)


def _is_padded(arrow: pa.DataType) -> bool:
    """Whether zeros at the end come from DEFAULT_DUCKDB.

    PostgreSQL keeps each number's own digits, DuckDB one
    scale for the column, so the shortest spelling is the nearest.
    """
    return bool(arrow.precision == MAX_DIGITS and arrow.scale == 10)


def _from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    if pc.all(pc.match_substring_regex(strings, _PLAIN)).as_py() is not False:
        scale, precision = _extent(strings)
        if precision > MAX_DIGITS:
            raise_too_wide()
        return strings.cast(pa.decimal128(precision, scale))
    # Exponents, blanks, other bases: Arrow's parser does not know them all.
    return decimals_to_array([None if text is None else parse_numeric(text) for text in strings.to_pylist()])


def _extent(strings: pa.LargeStringArray) -> tuple[int, int]:
    digits = pc.utf8_ltrim(pc.ascii_ltrim(strings, "+-"), "0")
    points = pc.find_substring(digits, ".")
    lengths = pc.utf8_length(digits)
    scales = pc.if_else(pc.equal(points, -1), 0, pc.subtract(pc.subtract(lengths, points), 1))
    wholes = pc.if_else(pc.equal(points, -1), lengths, points)
    scale = pc.max(scales).as_py() or 0
    return scale, max(1, scale + (pc.max(wholes).as_py() or 0))


def _to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    # Digits in base 10000 of 128-bit numbers: numpy has no such integers, so a loop with Python's.
    scale = array.type.scale
    numbers = array.to_pylist()
    if _is_padded(array.type):
        return pa.array(
            [None if x is None else _base_10000(x, _own_scale(x)) for x in numbers], pa.large_binary()
        )
    return pa.array([None if x is None else _base_10000(x, scale) for x in numbers], pa.large_binary())


def _own_scale(number: Decimal) -> int:
    exponent = number.normalize(_EXACT).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _base_10000(number: Decimal, scale: int) -> bytes:
    scale = max(scale, 0)
    padding = -scale % 4
    rest = abs(int(number.scaleb(scale + padding, _EXACT)))
    digits: list[int] = []
    while rest:
        rest, digit = divmod(rest, 10000)
        digits.append(digit)
    weight = len(digits) - (scale + padding) // 4 - 1 if digits else 0
    start = next((place for place, digit in enumerate(digits) if digit), 0)
    digits = digits[start:][::-1]
    sign = _NEGATIVE if number < 0 else 0
    return struct.pack(f">HhHH{len(digits)}H", len(digits), weight, sign, scale, *digits)


def _from_bytes(values: Sequence[WireValue]) -> pa.Array:
    # Each number has its own digit count and weight; a loop.
    return decimals_to_array([None if value is None else _from_base_10000(bytes(value)) for value in values])


def _from_base_10000(value: bytes) -> Decimal:
    try:
        count, weight, sign, scale = struct.unpack_from(">HhHH", value)
        digits = struct.unpack_from(f">{count}H", value, 8)
    except struct.error as error:
        raise InvalidBinaryRepresentation("incorrect binary data format") from error
    if sign in (_NAN, _INFINITY, _MINUS_INFINITY):
        raise FeatureNotSupported("numeric NaN and infinity are not supported")
    if sign not in (0, _NEGATIVE):
        raise InvalidBinaryRepresentation('invalid sign in external "numeric" value')
    if len(value) != 8 + 2 * count:
        raise InvalidBinaryRepresentation("incorrect binary data format")
    if any(digit > 9999 for digit in digits):
        raise InvalidBinaryRepresentation('invalid digit in external "numeric" value')
    if scale > 0x3FFF:
        raise InvalidBinaryRepresentation('invalid scale in external "numeric" value')
    whole = 0
    for digit in digits:
        whole = whole * 10000 + digit
    number = Decimal(whole).scaleb(4 * (weight - count + 1), _EXACT) if count else Decimal(0)
    with localcontext(_EXACT):
        try:
            number = number.quantize(Decimal(1).scaleb(-scale), rounding="ROUND_DOWN")
        except InvalidOperation:
            raise_too_wide()
        return -number if sign == _NEGATIVE and number else number


def _duckdb(typmod: int) -> str:
    precision, scale = split_typmod(typmod)
    return f"DECIMAL({precision},{scale})"


def split_typmod(typmod: int) -> tuple[int, int]:
    """Precision and scale of a numeric's modifier."""
    packed = typmod - 4  # VARHDRSZ
    scale = packed & 0x7FF
    return packed >> 16 & 0xFFFF, scale - 0x800 if scale & 0x400 else scale


NUMERIC = PgType(
    name="numeric",
    oid=1700,
    array_oid=1231,
    length=-1,
    category="N",
    arrow=pa.decimal128(MAX_DIGITS, 10),
    duckdb=DEFAULT_DUCKDB,
    text=Codec(_to_text, _from_text),
    binary=Codec(_to_bytes, _from_bytes),
    duckdb_with_typmod=_duckdb,
)
