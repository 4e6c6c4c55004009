"""CommittingSink: a COPY FROM STDIN that is the end of its transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlvec.core.outcome import CopyIn, CopySink, Outcome


def committing(outcome: Outcome, commit: Callable[[], None]) -> Outcome:
    """A COPY FROM STDIN that commits at its end; any other outcome as it is."""
    return (
        replace(outcome, sink=CommittingSink(outcome.sink, commit))
        if isinstance(outcome, CopyIn)
        else outcome
    )


@dataclass(frozen=True, slots=True)
class CommittingSink:
    """Commits before it tells the tag: the client hears of its rows when they are on disk."""

    sink: CopySink
    commit: Callable[[], None]

    def write(self, piece: bytes) -> None:
        self.sink.write(piece)

    def finish(self) -> str:
        tag = self.sink.finish()
        self.commit()
        return tag

    def abort(self, reason: str) -> None:
        self.sink.abort(reason)
