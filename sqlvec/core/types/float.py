"""Floating point: float4 and float8, printed with the fewest digits that read back the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import InvalidTextRepresentation, NumericValueOutOfRange

from .integer import decode_big_endian, encode_big_endian
from .output_format import OutputFormat
from .pg_type import Codec, Decode, PgType, WireValue
from .wire_column import text_column, to_wire

_FLOAT = re.compile(
    r"[ \t\n\r\f\v]*([+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf(?:inity)?"
    r"|0x[0-9a-f]+\.?[0-9a-f]*(?:p[+-]?\d+)?))[ \t\n\r\f\v]*",
    re.IGNORECASE,
)
_ZERO = r"^[+-]?[0.]+([eE].*)?$"
# Arrow prints numbers in this range as PostgreSQL does: both use no exponent there. PostgreSQL goes over
# to exponents at FLT_DIG and DBL_DIG digits, Arrow at ten.
_PLAIN_LOW = 1e-4
_PLAIN_HIGH = {4: 1e6, 8: 1e10}
_DIGITS = {4: 6, 8: 15}


def float_strings(array: pa.Array) -> pa.LargeStringArray:
    """Shortest round-trip text of float32 or float64 in PostgreSQL's spelling, nulls kept."""
    strings = array.cast(pa.large_string())
    width = array.type.bit_width // 8
    numbers = np.abs(array.fill_null(1).to_numpy(zero_copy_only=False))
    plain = (numbers >= _PLAIN_LOW) & (numbers < _PLAIN_HIGH[width]) | (numbers == 0)
    if plain.all():
        return strings
    odd = ~plain
    # A loop over the few values that need an exponent, or none where Arrow wrote one.
    texts = strings.filter(pa.array(odd)).to_pylist()
    spelled = [_respell(text, _DIGITS[width]) for text in _unambiguous(texts, array.filter(pa.array(odd)))]
    return pc.replace_with_mask(strings, pa.array(odd), pa.array(spelled, pa.large_string()))


def out_of_range(strings: pa.LargeStringArray, numbers: pa.Array, *, underflow: bool) -> str | None:
    """The first text that became infinite (or zero, with `underflow`) without saying so."""
    values = numbers.fill_null(1).to_numpy(zero_copy_only=False)
    suspects = np.isinf(values) | (values == 0) if underflow else np.isinf(values)
    if not suspects.any():
        return None
    texts = strings.filter(pa.array(suspects))
    said = pc.or_(pc.match_substring_regex(texts, _ZERO), pc.match_substring(texts, "inf", ignore_case=True))
    wrong: list[str] = texts.filter(pc.invert(said)).to_pylist()
    return wrong[0] if wrong else None


def _to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    if output_format.extra_float_digits <= 0:
        return _rounded(array, output_format.extra_float_digits)
    return to_wire(float_strings(array))


def _rounded(array: pa.Array, extra_digits: int) -> pa.LargeBinaryArray:
    # printf has no vectorised form; few clients ask for rounded output.
    digits = max(1, _DIGITS[array.type.bit_width // 8] + extra_digits)
    return pa.array([None if x is None else _printf(x, digits) for x in array.to_pylist()], pa.large_binary())


def _printf(number: float, digits: int) -> bytes:
    text = f"{number:.{digits}g}"
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text).encode()


def _unambiguous(texts: list[str], array: pa.Array) -> list[str]:
    """Texts of which none lies exactly between two numbers.

    Arrow takes such a text where it reads back by rounding to even; PostgreSQL spends a digit more. It
    happens among whole numbers too large to have neighbours one apart.
    """
    numbers = array.to_numpy(zero_copy_only=False)
    large = np.isfinite(numbers) & (np.abs(numbers) >= 2.0 ** (np.finfo(numbers.dtype).nmant + 1))
    for place in np.flatnonzero(large):
        texts[place] = _between_neighbours(texts[place], numbers[place])
    return texts


def _between_neighbours(text: str, number: np.floating[Any]) -> str:
    exact = int(number)
    doubled = {exact + int(neighbour) for neighbour in _finite_neighbours(number)}
    digits = len(text.partition("e")[0].strip("-").replace(".", "").strip("0"))
    while int(Decimal(text)) * 2 in doubled:
        text = f"{Decimal(exact):.{digits}e}"
        digits += 1
    return text.replace("e+", "e")


def _finite_neighbours(number: np.floating[Any]) -> list[np.floating[Any]]:
    with np.errstate(over="ignore"):
        both = [np.nextafter(number, number.dtype.type(bound)) for bound in (np.inf, -np.inf)]
    return [neighbour for neighbour in both if np.isfinite(neighbour)]


def _respell(text: str, digits: int) -> str:
    special = {"nan": "NaN", "-nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text)
    if special is not None:
        return special
    sign = "-" if text.startswith("-") else ""
    mantissa, _, power = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    figures = (whole + fraction).lstrip("0")
    exponent = int(power or 0) + (len(whole) - 1 if whole != "0" else len(figures) - len(fraction) - 1)
    figures = figures.rstrip("0") or "0"
    if -4 <= exponent < digits:
        if exponent < 0:
            return f"{sign}0.{'0' * (-exponent - 1)}{figures}"
        figures = figures.ljust(exponent + 1, "0")
        rest = figures[exponent + 1 :]
        return f"{sign}{figures[: exponent + 1]}{'.' if rest else ''}{rest}"
    return f"{sign}{figures[0]}{'.' if len(figures) > 1 else ''}{figures[1:]}e{exponent:+03d}"


def _from_text(type_name: str, arrow: pa.DataType) -> Decode:
    def decode(values: Sequence[WireValue]) -> pa.Array:
        strings = text_column(values)
        try:
            numbers = strings.cast(arrow)
        except pa.ArrowInvalid:  # blanks, hexadecimal, or an error to word
            strings = pa.array([_checked(text, type_name) for text in strings.to_pylist()], pa.large_string())
            numbers = strings.cast(arrow)
        wrong = out_of_range(strings, numbers, underflow=True)
        if wrong is not None:
            raise NumericValueOutOfRange(f'"{wrong}" is out of range for type {type_name}')
        return numbers

    return decode


def _checked(text: str | None, type_name: str) -> str | None:
    if text is None:
        return None
    match = _FLOAT.fullmatch(text)
    if match is None:
        raise InvalidTextRepresentation(f'invalid input syntax for type {type_name}: "{text}"')
    return repr(float.fromhex(match[1])) if "x" in match[1].lower() else match[1]


def _float(name: str, display: str, oid: int, array_oid: int, arrow: pa.DataType, duckdb: str) -> PgType:
    width = arrow.bit_width // 8
    return PgType(
        name=name,
        oid=oid,
        array_oid=array_oid,
        length=width,
        category="N",
        arrow=arrow,
        duckdb=duckdb,
        display=display,
        preferred=name == "float8",
        text=Codec(_to_text, _from_text(display, arrow)),
        binary=Codec(encode_big_endian(f">f{width}"), decode_big_endian(f">f{width}", arrow)),
    )


FLOAT4 = _float("float4", "real", 700, 1021, pa.float32(), "FLOAT")
FLOAT8 = _float("float8", "double precision", 701, 1022, pa.float64(), "DOUBLE")
