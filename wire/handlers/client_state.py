"""ClientState: what the wire remembers of one client between two messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..backend import Session
from ..error_response import notice_response
from ..protocol.backend_messages import NoticeResponse, ParameterStatus


class ClientState:
    """A session, what its client was told of the settings, and the result formats of its portals."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.result_formats: dict[str, tuple[int, ...]] = {}
        self._reported: Mapping[str, str] = {}

    def notices(self) -> Iterator[NoticeResponse]:
        """The notices not told yet."""
        return map(notice_response, self.session.take_notices())

    def changed_settings(self) -> Iterator[ParameterStatus]:
        """The settings whose value is not the one told last; computed by comparing, never remembered."""
        told, now = self._reported, self.session.reported_settings()
        if now == told:
            return
        self._reported = dict(now)
        for name, value in now.items():
            if told.get(name) != value:
                yield ParameterStatus(name, value)
