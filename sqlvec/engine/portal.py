"""Portal: one execution of a prepared statement, perhaps in portions."""

from __future__ import annotations

from collections.abc import Callable

from sqlvec.core.errors import ObjectNotInPrerequisiteState
from sqlvec.core.outcome import Empty, Outcome, Rows

from .prepared import Prepared
from .rows import Buffered, Fetched, Stream
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
        self._rows: Buffered | None = None
        self._has_run = False

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
            self._rows = Buffered(outcome.stream)
            return Rows(self._rows.take(max_rows))
        return outcome

    def open(self) -> None:
        """Run it and send nothing yet (DECLARE)."""
        self._has_run = True
        outcome = self._run(self.prepared, self._values)
        assert isinstance(outcome, Rows)
        assert isinstance(outcome.stream, Stream)
        self._rows = Buffered(outcome.stream)

    def fetch(self, count: int | None) -> Fetched:
        """The next rows for FETCH; None is all."""
        if self._rows is None:
            self.open()
        assert self._rows is not None
        return Fetched(self._rows, count)

    def settle(self) -> None:
        if self._rows is not None:
            self._rows.settle()

    def close(self) -> None:
        if self._rows is not None:
            self._rows.close()
