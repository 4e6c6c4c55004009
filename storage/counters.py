"""Counters: OIDs, row ids and sequence values, handed out in memory and reserved ahead on disk.

As PostgreSQL's sequences they are not transactional: a crash or rollback leaves gaps, never repeats.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from sqlvec.core.errors import SqlError

from .duck import Cursor

_AHEAD = 1024  # values reserved by one write; at most so many are lost by a crash


class Counters:
    """Named counters. `take` returns the first of n fresh numbers; safe from any thread."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._lock = threading.Lock()
        self._next: dict[str, int] = {}
        self._reserved: dict[str, int] = {}
        for name, value in cursor.rows("SELECT name, max(value) FROM _sqlvec.counters GROUP BY name"):
            self._next[name] = self._reserved[name] = value

    def take(self, name: str, count: int = 1, *, first: int = 1, step: int = 1) -> int:
        """Reserve `count` numbers, `step` apart; returns the first. A counter starts at `first`."""
        with self._lock:
            start = self._next.get(name, first)
            end = start + count * step
            if (end - self._reserved.get(name, first)) * step > 0:
                self._reserve(name, end + _AHEAD * step)
            self._next[name] = end
            return start

    def peek(self, name: str, *, first: int = 1) -> int:
        """The number that `take` would return next."""
        with self._lock:
            return self._next.get(name, first)

    def set(self, name: str, value: int) -> None:
        """Let the counter go on at `value`."""
        with self._lock:
            self._reserve(name, value)
            self._next[name] = value

    def drop(self, name: str) -> None:
        with self._lock:
            self._next.pop(name, None)
            self._reserved.pop(name, None)
            self._cursor.run("DELETE FROM _sqlvec.counters WHERE name = $1", [name])

    def _reserve(self, name: str, value: int) -> None:
        # A transaction on a cursor of its own: durable before any number is used, whatever the caller's
        # transaction does.
        self._cursor.run("BEGIN")
        try:
            self._cursor.run("DELETE FROM _sqlvec.counters WHERE name = $1", [name])
            self._cursor.run("INSERT INTO _sqlvec.counters VALUES ($1, $2)", [name, value])
            self._cursor.run("COMMIT")
        except BaseException:
            with suppress(SqlError):  # a COMMIT that failed has ended the transaction
                self._cursor.run("ROLLBACK")
            raise
        self._reserved[name] = value

    def save(self) -> None:
        """Give back what was reserved and not used, at a clean shutdown."""
        with self._lock:
            for name, value in self._next.items():
                self._reserve(name, value)
