"""Seats: how many clients may be in at a time."""

from __future__ import annotations

import threading

from sqlvec.core.errors import Severity, TooManyConnections


class Seats:
    """Counts the admitted clients of all event loops."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> None:
        with self._lock:
            if self._taken >= self._limit:
                raise TooManyConnections("sorry, too many clients already", severity=Severity.FATAL)
            self._taken += 1

    def leave(self) -> None:
        with self._lock:
            self._taken -= 1


class Seat:
    """One client's claim."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._is_taken = False

    def take(self) -> None:
        self._seats.take()
        self._is_taken = True

    def leave(self) -> None:
        """Free the seat, if it was taken."""
        if self._is_taken:
            self._is_taken = False
            self._seats.leave()
