"""Portal: one execution of a prepared statement, perhaps in portions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlvec.core.errors import ObjectNotInPrerequisiteState
from sqlvec.core.outcome import Empty, Outcome, Rows

from .rows import Buffered, Stream
from .values import ParameterValues

if TYPE_CHECKING:
    from .prepared import Prepared
    from .session import Session


class Portal:
    """new -> running (rows left) -> done."""

    def __init__(self, session: Session, prepared: Prepared, values: ParameterValues) -> None:
        self.prepared = prepared
        self._session = session
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
        outcome = self._session.run(self.prepared, self._values)
        if isinstance(outcome, Rows) and isinstance(outcome.stream, Stream):
            self._rows = Buffered(outcome.stream)
            return Rows(self._rows.take(max_rows))
        return outcome

    def settle(self) -> None:
        if self._rows is not None:
            self._rows.settle()

    def close(self) -> None:
        if self._rows is not None:
            self._rows.close()
