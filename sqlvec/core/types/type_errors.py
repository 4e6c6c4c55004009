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
