"""Seats: how many clients may be in at a time."""

from __future__ import annotations

import threading
from collections import Counter

from sqlvec.core.errors import Severity, TooManyConnections
from sqlvec.core.login_role import NO_LIMIT, LoginRole


class Seats:
    """Counts the admitted clients of all event loops; the last `reserved` seats are for superusers."""

    def __init__(self, limit: int, reserved: int = 0) -> None:
        self._limit = limit
        self._reserved = reserved
        self._taken = 0
        self._taken_by: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, role: LoginRole) -> None:
        """Raises 53300 when there is none for this role."""
        with self._lock:
            self._must_be_free(role)
            self._taken += 1
            self._taken_by[role.name] += 1

    def leave(self, role: LoginRole) -> None:
        with self._lock:
            self._taken -= 1
            self._taken_by[role.name] -= 1
            if not self._taken_by[role.name]:
                del self._taken_by[role.name]

    def _must_be_free(self, role: LoginRole) -> None:
        free = self._limit - self._taken
        if free <= 0:
            raise _full("sorry, too many clients already")
        if role.is_superuser:  # no other limit concerns it
            return
        if free <= self._reserved:
            raise _full("remaining connection slots are reserved for non-replication superuser connections")
        if role.connection_limit != NO_LIMIT and self._taken_by[role.name] >= role.connection_limit:
            raise _full(f'too many connections for role "{role.name}"')


class Seat:
    """One client's claim."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._role: LoginRole | None = None  # who sits on it

    def take(self, role: LoginRole) -> None:
        self._seats.take(role)
        self._role = role

    def leave(self) -> None:
        """Free the seat, if it was taken."""
        role, self._role = self._role, None
        if role is not None:
            self._seats.leave(role)


def _full(message: str) -> TooManyConnections:
    return TooManyConnections(message, severity=Severity.FATAL)
