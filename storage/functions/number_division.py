"""Division of numerics: exact, with as many digits as PostgreSQL gives."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pyarrow as pa

from sqlvec.core.errors import DivisionByZero
from sqlvec.core.types.numeric import division_scale, numeric_text

from .registration import ANY, SqlFunction, each_row

_CONTEXT = Context(prec=100, rounding=ROUND_HALF_UP)


def divide(dividends: pa.Array, divisors: pa.Array) -> pa.Array:
    """The quotient's text. Decimals are Python's: Arrow's division overflows at 38 digits."""
    return each_row(_divide, pa.string(), dividends, divisors)


def _divide(dividend: Decimal | int, divisor: Decimal | int) -> str:
    left, right = Decimal(dividend), Decimal(divisor)
    if not right:
        raise DivisionByZero("division by zero")
    unit = Decimal(1).scaleb(-division_scale(left, right))
    return numeric_text(_CONTEXT.divide(left, right).quantize(unit, context=_CONTEXT))


FUNCTIONS = (SqlFunction("sqlvec_numeric_divide", divide, ANY, "VARCHAR"),)
