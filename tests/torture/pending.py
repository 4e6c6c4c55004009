"""Pending: a statement of a psycopg connection in a thread of its own, which may have to wait for another one."""

from __future__ import annotations

import threading
from typing import Any

import psycopg

PATIENCE = 60.0  # seconds until a statement that nothing holds up counts as hanging


class Pending:
    """tests/support/waiting.py does the same for the embedded API."""

    def __init__(self, connection: psycopg.Connection[Any], sql: str) -> None:
        self._answer = ""
        self._connection = connection
        self._sql = sql
        # A daemon: a statement that hangs for good must not hold up the report of it.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._answer = answer_of(self._connection, self._sql)

    def is_over(self, seconds: float) -> bool:
        """Whether the answer came within that time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def answer(self) -> str:
        """The answer, once it is over."""
        assert self.is_over(PATIENCE), f"still waiting after {PATIENCE} s: {self._sql}"
        return self._answer


def answer_of(connection: psycopg.Connection[Any], sql: str) -> str:
    """Rows, or the command's tag, or SQLSTATE and message: one line of text."""
    try:
        cursor = connection.execute(sql.encode())
    except psycopg.Error as error:
        return f"{error.sqlstate}: {error.diag.message_primary or error}"
    if cursor.description is None:
        return cursor.statusmessage or ""
    rows = ["|".join("null" if value is None else str(value) for value in row) for row in cursor]
    return " ".join(rows) or "no rows"
