"""Portals: the open portals of a session, by name; cursors are those that SQL has named."""

from __future__ import annotations

from collections.abc import Callable

from sqlvec.core.errors import DuplicateCursor, InvalidCursorName
from sqlvec.core.outcome import Outcome

from .portal import Portal
from .prepared import Prepared
from .values import ParameterValues


class Portals:
    """Bind and DECLARE share the names; the empty one is always free."""

    def __init__(self, run: Callable[[Prepared, ParameterValues], Outcome]) -> None:
        self._run = run
        self._open: dict[str, Portal] = {}

    def open(self, name: str, prepared: Prepared, values: ParameterValues) -> Portal:
        if name and name in self._open:
            raise DuplicateCursor(f'cursor "{name}" already exists')
        self.close(name)
        portal = self._open[name] = Portal(self._run, prepared, values)
        return portal

    def must_get(self, name: str, kind: str = "portal") -> Portal:
        found = self._open.get(name)
        if found is None:
            raise InvalidCursorName(f'{kind} "{name}" does not exist')
        return found

    def settle(self) -> None:
        """DuckDB's cursor is wanted: rows that suspended portals still have to give move to memory."""
        for portal in self._open.values():
            portal.settle()

    def close(self, name: str) -> None:
        portal = self._open.pop(name, None)
        if portal is not None:
            portal.close()

    def close_named(self) -> None:
        for name in [name for name in self._open if name]:
            self.close(name)

    def end_transaction(self, *, is_commit: bool) -> None:
        """Portals end with their transaction, but those WITH HOLD that it commits."""
        kept: dict[str, Portal] = {}
        for name, portal in self._open.items():
            if is_commit and portal.declared is not None and portal.declared.is_held:
                portal.settle()
                portal.is_held = True
            if portal.is_held:
                kept[name] = portal
            else:
                portal.close()
        self._open = kept

    def cursors(self) -> list[Portal]:
        """Those that SQL has declared."""
        return [portal for portal in self._open.values() if portal.declared is not None]

    def close_all(self) -> None:
        for portal in self._open.values():
            portal.close()
        self._open = {}
