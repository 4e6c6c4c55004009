"""SequenceNumbers: nextval, currval, setval and lastval of one session over the shared counters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from sqlvec.core.errors import (
    InvalidParameterValue,
    NumericValueOutOfRange,
    ObjectNotInPrerequisiteState,
    SequenceGeneratorLimitExceeded,
    UndefinedTable,
)
from sqlvec.core.schema import Sequence
from sqlvec.storage.catalog import CatalogState
from sqlvec.storage.counters import Counters


class SequenceNumbers:
    """Values are never given back by a rollback, as in PostgreSQL."""

    def __init__(self, counters: Counters, catalog: Callable[[], CatalogState]) -> None:
        self._counters = counters
        self._catalog = catalog
        self._current: dict[int, int] = {}
        self._last: int | None = None

    def next(self, oid: int, count: int) -> pa.Array:
        """`count` fresh values."""
        sequence = self._sequence(oid)
        first = self._counters.take(counter_name(oid), count, first=sequence.start, step=sequence.increment)
        values = first + np.arange(count, dtype=np.int64) * sequence.increment
        values = self._wrapped(sequence, values)
        if count:
            self._current[oid] = int(values[-1])
            self._last = oid
        return pa.array(values)

    def _wrapped(
        self, sequence: Sequence, values: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        outside = (values > sequence.maximum) | (values < sequence.minimum)
        if not outside.any():
            return values
        if not sequence.cycle:
            # Numbers behind the bound are not used up: they wait for a higher MAXVALUE.
            self._counters.set(counter_name(sequence.oid), int(values[int(np.argmax(outside))]))
            bound, word = (
                (sequence.maximum, "maximum") if sequence.increment > 0 else (sequence.minimum, "minimum")
            )
            raise SequenceGeneratorLimitExceeded(
                f'nextval: reached {word} value of sequence "{sequence.name}" ({bound})'
            )
        begin = sequence.minimum if sequence.increment > 0 else sequence.maximum
        at = int(np.argmax(outside))
        rest = begin + np.arange(len(values) - at, dtype=np.int64) * sequence.increment
        self._counters.set(counter_name(sequence.oid), int(rest[-1]) + sequence.increment)
        return np.concatenate([values[:at], rest])

    def current(self, oid: int) -> int:
        sequence = self._sequence(oid)
        if oid not in self._current:
            raise ObjectNotInPrerequisiteState(
                f'currval of sequence "{sequence.name}" is not yet defined in this session'
            )
        return self._current[oid]

    def last(self) -> int:
        if self._last is None:
            raise ObjectNotInPrerequisiteState("lastval is not yet defined in this session")
        return self._current[self._last]

    def set(self, oid: int, value: int, *, is_called: bool) -> int:
        sequence = self._sequence(oid)
        if not sequence.minimum <= value <= sequence.maximum:
            raise NumericValueOutOfRange(
                f'setval: value {value} is out of bounds for sequence "{sequence.name}" '
                f"({sequence.minimum}..{sequence.maximum})"
            )
        self._counters.set(counter_name(oid), value + sequence.increment if is_called else value)
        if is_called:
            self._current[oid] = value
        return value

    def restart(self, oid: int, value: int | None = None) -> None:
        sequence = self._sequence(oid)
        self._counters.set(counter_name(oid), sequence.start if value is None else value)

    def state(self, oid: int) -> tuple[int, int]:
        """last_value and is_called, as the sequence's own row shows them."""
        sequence = self._sequence(oid)
        upcoming = self._counters.peek(counter_name(oid), first=sequence.start)
        if upcoming == sequence.start:
            return sequence.start, 0
        return upcoming - sequence.increment, 1

    def _sequence(self, oid: int) -> Sequence:
        found = self._catalog().objects.get(oid)
        if not isinstance(found, Sequence):
            raise UndefinedTable(f"sequence with OID {oid} does not exist")
        return found


def counter_name(oid: int) -> str:
    return f"sequence {oid}"


def check_bounds(sequence: Sequence) -> None:
    """CREATE SEQUENCE's rules; 22023."""
    if sequence.increment == 0:
        raise InvalidParameterValue("INCREMENT must not be zero")
    if sequence.minimum >= sequence.maximum:
        raise InvalidParameterValue(
            f"MINVALUE ({sequence.minimum}) must be less than MAXVALUE ({sequence.maximum})"
        )
    if sequence.start < sequence.minimum:
        raise InvalidParameterValue(
            f"START value ({sequence.start}) cannot be less than MINVALUE ({sequence.minimum})"
        )
    if sequence.start > sequence.maximum:
        raise InvalidParameterValue(
            f"START value ({sequence.start}) cannot be greater than MAXVALUE ({sequence.maximum})"
        )
