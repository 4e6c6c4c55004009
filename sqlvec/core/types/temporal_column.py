"""Temporal columns: Arrow's dates, times and timestamps as the integers behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .calendar import to_days
from .wire_column import Bools, null_mask

EPOCH_DAYS = 10_957  # PostgreSQL counts from 2000-01-01, Arrow from 1970-01-01
FIRST_DAY, LAST_DAY = to_days(1, 1, 1), to_days(9999, 12, 31)  # what Arrow prints as PostgreSQL does
MIN_DAY, MAX_DAY = to_days(-4713, 11, 24), to_days(5_874_897, 12, 31)

Numbers: TypeAlias = npt.NDArray[np.int64]


def numbers_of(array: pa.Array) -> Numbers:
    """The integers behind a temporal array, zero for nulls."""
    width = pa.int32() if array.type.bit_width == 32 else pa.int64()
    plain = array.view(width).fill_null(0).to_numpy(zero_copy_only=False)
    numbers: Numbers = plain.astype(np.int64, copy=False)
    return numbers


def from_numbers(numbers: Numbers, valid: Bools, arrow: pa.DataType) -> pa.Array:
    """A temporal array of its integers."""
    width = pa.int32() if arrow.bit_width == 32 else pa.int64()
    return pa.array(numbers, width, mask=null_mask(valid)).view(arrow)


def replace_odd(strings: pa.Array, odd: Bools, spell: Callable[[int], str], numbers: Numbers) -> pa.Array:
    """The strings of odd values, which Arrow does not spell as PostgreSQL does, spelled one by one."""
    if not odd.any():
        return strings
    # A loop over the few values outside the years 1 to 9999.
    spelled = pa.array([spell(int(number)) for number in numbers[odd]], strings.type)
    return pc.replace_with_mask(strings, pa.array(odd), spelled)
