"""Portal: one execution of a prepared statement, perhaps in portions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlvec.core.errors import ObjectNotInPrerequisiteState
from sqlvec.core.outcome import Empty, Outcome, Rows
from sqlvec.planner.statements import DeclareCursor

from .prepared import Prepared
from .rows import Fetched, Stream
from .scroll import Scroll
from .values import ParameterValues


class Portal:
    """new -> running (rows left) -> done."""

    def __init__(
        self,
        run: Callable[[Prepared, ParameterValues], Outcome],
        prepared: Prepared,
        values: ParameterValues,
    ) -> None:
        self.prepared = prepared
        self._run = run
        self._values = values
        self._rows: Scroll | None = None
        self.declared: DeclareCursor | None = None  # where SQL made it
        self.is_held = False  # WITH HOLD, and its transaction has committed
        self._has_run = False
        self.created = datetime.now(UTC)

    def execute(self, max_rows: int) -> Outcome:
        if self.prepared.parsed_or_empty is None:
            return Empty()
        if self._rows is not None:
            return Rows(self._rows.take(max_rows))
        if self._has_run:
            raise ObjectNotInPrerequisiteState("portal cannot be run again")
        self._has_run = True
        outcome = self._run(self.prepared, self._values)
        if isinstance(outcome, Rows) and isinstance(outcome.stream, Stream):
            self._rows = Scroll(outcome.stream, is_scrollable=False)
            return Rows(self._rows.take(max_rows))
        return outcome

    def open(self, declared: DeclareCursor | None = None) -> Scroll:
        """Run it and send nothing yet: DECLARE, or FETCH from a portal of the protocol."""
        self._has_run = True
        outcome = self._run(self.prepared, self._values)
        assert isinstance(outcome, Rows)
        assert isinstance(outcome.stream, Stream)
        self.declared = declared
        is_scrollable = declared is not None and declared.is_scrollable
        self._rows = Scroll(outcome.stream, is_scrollable=is_scrollable)
        return self._rows

    def fetch(self, direction: str, count: int | None) -> Fetched:
        """Rows for FETCH and MOVE; `count` None is ALL."""
        rows = self._rows or self.open()
        return Fetched(rows.columns, rows.move(direction, count))

    def settle(self) -> None:
        if self._rows is not None:
            self._rows.settle()

    def close(self) -> None:
        if self._rows is not None:
            self._rows.close()
