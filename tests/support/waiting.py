"""Waiting: a statement that has to wait for another connection."""

from __future__ import annotations

import threading

from sqlvec.database import Connection


class Waiting:
    """A statement in a thread of its own, which may have to wait."""

    def __init__(self, connection: Connection, sql: str) -> None:
        self._error: BaseException | None = None
        self.rows: list[tuple[object, ...]] = []
        self._thread = threading.Thread(target=self._run, args=(connection, sql))
        self._thread.start()

    def _run(self, connection: Connection, sql: str) -> None:
        try:
            self.rows = connection.execute(sql).fetchall()
        except BaseException as error:
            self._error = error

    @property
    def is_blocked(self) -> bool:
        self._thread.join(0.2)
        return self._thread.is_alive()

    def end(self) -> list[tuple[object, ...]]:
        self._thread.join(10)
        assert not self._thread.is_alive(), "still waiting"
        if self._error is not None:
            raise self._error
        return self.rows
