"""History: what every client did, in the order in which the answers came, and what of it was committed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Kind(Enum):
    """What a committed change did to its key."""

    COUNTED = "a counter went up by value"
    APPENDED = "a list got the element value"
    UPSERTED = "a slot got value more hits"
    DELETED = "a slot went, with value hits"


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that counts from its commit on."""

    kind: Kind
    key: int
    value: int


@dataclass(slots=True)
class History:
    """Shared by all clients; a violation ends the run."""

    seed: int
    deadline: float  # of time.monotonic()
    committed: list[Effect] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    _events: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _started: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        return bool(self.violations) or time.monotonic() > self.deadline

    def note(self, client: str, text: str) -> None:
        with self._lock:
            self._events.append(f"{time.monotonic() - self._started:9.4f} {client}: {text}")

    def end(self, outcome: str, effects: Iterable[Effect] = ()) -> None:
        """A transaction is over: `effects` are what it committed."""
        with self._lock:
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
            self.committed.extend(effects)

    def violate(self, client: str, text: str) -> None:
        self.note(client, f"VIOLATION {text}")
        with self._lock:
            self.violations.append(f"{client}: {text}")

    def report(self, folder: Path, lines: int = 60) -> str:
        """The end of the story; all of it goes into a file."""
        file = folder / f"history-{self.seed}.txt"
        file.write_text("\n".join(self._events), encoding="utf-8")
        violations = "\n".join(self.violations[:5])
        return f"seed {self.seed}: {violations}\nwhole history: {file}\n" + "\n".join(self._events[-lines:])
