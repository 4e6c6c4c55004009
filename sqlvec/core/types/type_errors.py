"""Errors that only values raise: SQLSTATEs no other room needs."""

from __future__ import annotations

from sqlvec.core.errors import SqlError


class InvalidTimeZoneDisplacement(SqlError, code="22009"):
    """A time zone offset beyond what any zone has."""


class IntervalFieldOverflow(SqlError, code="22015"):
    """A part of an interval beyond its range."""


class NullValueNotAllowed(SqlError, code="22004"):
    """A null where the value may hold none."""


class UntranslatableCharacter(SqlError, code="22P05"):
    """A character that text cannot hold."""


class StatementTooComplex(SqlError, code="54001"):
    """A value nested too deep."""


class SubstringError(SqlError, code="22011"):
    """A substring of negative length."""


class InvalidArgumentForPowerFunction(SqlError, code="2201F"):
    """A power or root that is no real number."""


class InvalidArgumentForLogarithm(SqlError, code="2201E"):
    """A logarithm of zero or less."""


class InvalidArgumentForNtile(SqlError, code="22014"):
    """ntile() with no bucket."""


class InvalidFrameOffset(SqlError, code="22013"):
    """A window frame that starts or ends at a negative offset."""


class InvalidEscapeSequence(SqlError, code="22025"):
    """An ESCAPE that is not one character, or a pattern that ends with it."""
