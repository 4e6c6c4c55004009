"""IdleLimit: how long a session may wait for its client."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import SqlError


@dataclass(frozen=True, slots=True)
class IdleLimit:
    """Between two statements; `error` ends the session when the time is over."""

    seconds: float
    error: SqlError
