"""Templates of numbers: to_char and to_number."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa

from sqlvec.core.errors import FeatureNotSupported, InvalidTextRepresentation

from .registration import SqlFunction, each_row

_KNOWN = re.compile(r"(?:FM)?[90,.DG]*")


def number_to_char(text: str, template: str) -> str:
    """Templates of 9, 0, comma, point and FM; the others are refused."""
    if not _KNOWN.fullmatch(template):
        raise FeatureNotSupported(f'numeric template "{template}" is not supported')
    is_filled = not template.startswith("FM")
    body = template.removeprefix("FM").replace("D", ".").replace("G", ",")
    whole, _, fraction = body.partition(".")
    places = sum(mark in "90" for mark in fraction)
    number = Decimal(text).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    digits, _, decimals = f"{abs(number):f}".partition(".")
    slots = sum(mark in "90" for mark in whole)
    if len(digits.lstrip("0")) > slots:
        spelled = re.sub("[90]", "#", body)
        return (" " if is_filled else "") + spelled if number >= 0 else "-" + spelled
    shown = _whole(whole, digits.lstrip("0"))
    if not is_filled:
        keep = fraction.rfind("0") + 1
        decimals = decimals[:keep] + decimals[keep:].rstrip("0")
    sign = "-" if number < 0 else ""
    result = sign + shown.lstrip(" ") + ("." + decimals if "." in body else "")
    return result.rjust(len(body) + 1) if is_filled else result


def _whole(template: str, digits: str) -> str:
    """Digits put into the places before the point from the right."""
    pieces: list[str] = []
    rest = list(digits)
    first_zero = template.find("0")
    for place in range(len(template) - 1, -1, -1):
        must = 0 <= first_zero <= place
        if template[place] == ",":
            pieces.append("," if rest or must else " ")
        else:
            pieces.append(rest.pop() if rest else "0" if must else " ")
    return "".join(reversed(pieces))


def to_number(text: str, template: str) -> str:
    plain = re.sub(r"[^0-9.+-]", "", text)
    if not re.fullmatch(r"[+-]?\d*\.?\d*", plain) or not re.search(r"\d", plain):
        raise InvalidTextRepresentation(f'invalid input syntax for type numeric: "{text}"')
    return plain


_PAIR = ("VARCHAR", "VARCHAR")
FUNCTIONS = (
    SqlFunction(
        "sqlvec_number_to_char",
        lambda *columns: each_row(number_to_char, pa.string(), *columns),
        _PAIR,
        "VARCHAR",
    ),
    SqlFunction(
        "sqlvec_to_number", lambda *columns: each_row(to_number, pa.string(), *columns), _PAIR, "VARCHAR"
    ),
)
