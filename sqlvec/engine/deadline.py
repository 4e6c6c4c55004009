"""Deadline: statement_timeout around a statement."""

from __future__ import annotations

import threading
from typing import Protocol

from sqlvec.core.errors import QueryCanceled


class Cancellable(Protocol):
    """A session, as far as a deadline needs it."""

    def cancel(self, reason: str) -> None: ...

    def cancel_reason(self) -> str | None: ...


class Deadline:
    """statement_timeout around the start of a statement; 0 is none."""

    def __init__(self, session: Cancellable, seconds: float) -> None:
        self._session = session
        self._timer: threading.Timer | None = None
        if seconds > 0:
            reason = "canceling statement due to statement timeout"
            self._timer = threading.Timer(seconds, session.cancel, [reason])
            self._timer.daemon = True

    def __enter__(self) -> None:
        if self._timer is not None:
            self._timer.start()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if isinstance(error, QueryCanceled):
            error.message = self._session.cancel_reason() or error.message
