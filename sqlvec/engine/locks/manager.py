"""LockManager: grants locks, queues who must wait, finds deadlocks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlvec.core.errors import DeadlockDetected, LockNotAvailable

from .modes import CONFLICTS, Mode
from .resource import Resource

_WAIT_SLICE = 0.05  # seconds between two looks for a cancel


@dataclass(frozen=True, slots=True)
class LockState:
    """One line of pg_locks."""

    process_id: int
    resource: Resource
    mode: Mode
    is_granted: bool


@dataclass(slots=True, eq=False)
class _Request:
    process_id: int
    resource: Resource
    mode: Mode
    granted: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class _Entry:
    """The holders of a resource, and who waits for it, first come first."""

    holders: dict[int, Counter[Mode]] = field(default_factory=dict)
    queue: list[_Request] = field(default_factory=list)


class LockManager:
    """Locks of all sessions of one database; owners are known by their process ids.

    A request waits behind those it conflicts with, granted or queued, as in PostgreSQL; who already holds
    something of the resource passes the queue. A deadlock is looked for as soon as somebody has to wait,
    and fails who closed the circle.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._entries: dict[Resource, _Entry] = {}
        self._waiting: dict[int, _Request] = {}

    def try_acquire(self, process_id: int, resource: Resource, mode: Mode) -> bool:
        with self._mutex:
            entry = self._entries.get(resource)
            if entry is None:
                entry = self._entries[resource] = _Entry()
            elif self._blockers(entry, process_id, mode, entry.queue):
                return False
            _grant(entry, process_id, mode)
            return True

    def acquire(
        self,
        process_id: int,
        resource: Resource,
        mode: Mode,
        *,
        patience: float = 0.0,
        check_interrupt: Callable[[], None] = lambda: None,
    ) -> bool:
        """Returns whether it had to wait.

        `patience` in seconds, 0 for ever: then 55P03. `check_interrupt` raises when the wait is to end.
        Raises 40P01 when the wait would close a circle.
        """
        if self.try_acquire(process_id, resource, mode):
            return False
        request = _Request(process_id, resource, mode)
        self._enqueue(request)
        begin = time.monotonic()
        try:
            while not request.granted.wait(_WAIT_SLICE):
                check_interrupt()
                if patience and time.monotonic() - begin >= patience:
                    raise LockNotAvailable("canceling statement due to lock timeout")
        except BaseException:
            self._withdraw(request)
            raise
        return True

    def release(self, process_id: int, resource: Resource, mode: Mode) -> bool:
        """Give back one grant of a mode; False when it is not held."""
        with self._mutex:
            entry = self._entries.get(resource)
            held = entry.holders.get(process_id) if entry is not None else None
            if entry is None or held is None or not held[mode]:
                return False
            held[mode] -= 1
            if not held[mode]:
                del held[mode]
            if not held:
                del entry.holders[process_id]
            if entry.queue:
                self._serve(entry)
            if not entry.holders and not entry.queue:
                del self._entries[resource]
            return True

    def states(self) -> list[LockState]:
        """Everything held and waited for, as of now."""
        with self._mutex:
            return list(self._all_states())

    def blockers_of(self, process_id: int) -> list[int]:
        """Whom a session waits for (pg_blocking_pids)."""
        with self._mutex:
            return sorted(self._edges(process_id))

    def _all_states(self) -> Iterator[LockState]:
        for resource, entry in self._entries.items():
            for process_id, modes in entry.holders.items():
                for mode in modes:
                    yield LockState(process_id, resource, mode, is_granted=True)
            for request in entry.queue:
                yield LockState(request.process_id, resource, request.mode, is_granted=False)

    # Under the mutex -------------------------------------------------------------------------------------

    def _enqueue(self, request: _Request) -> None:
        with self._mutex:
            entry = self._entries.setdefault(request.resource, _Entry())
            entry.queue.append(request)
            self._waiting[request.process_id] = request
            self._serve(entry)  # it may have become free in between
            if not request.granted.is_set():
                circle = self._circle(request.process_id)
                if circle:
                    self._remove(entry, request)
                    raise DeadlockDetected("deadlock detected", detail=self._told(request, circle))

    def _withdraw(self, request: _Request) -> None:
        """The wait ended without a grant; one that came in the last moment is given back."""
        with self._mutex:
            if not request.granted.is_set():
                self._remove(self._entries[request.resource], request)
                return
        self.release(request.process_id, request.resource, request.mode)

    def _remove(self, entry: _Entry, request: _Request) -> None:
        entry.queue.remove(request)
        self._waiting.pop(request.process_id, None)
        self._serve(entry)
        if not entry.holders and not entry.queue:
            self._entries.pop(request.resource, None)

    def _serve(self, entry: _Entry) -> None:
        """Grant what can be granted, in the order of the queue."""
        still: list[_Request] = []
        for request in entry.queue:
            if self._blockers(entry, request.process_id, request.mode, still):
                still.append(request)
                continue
            _grant(entry, request.process_id, request.mode)
            self._waiting.pop(request.process_id, None)
            request.granted.set()
        entry.queue = still

    @staticmethod
    def _blockers(entry: _Entry, process_id: int, mode: Mode, ahead: list[_Request]) -> set[int]:
        conflicts = CONFLICTS[mode]
        found = {
            holder
            for holder, modes in entry.holders.items()
            if holder != process_id and not conflicts.isdisjoint(modes)
        }
        if ahead and process_id not in entry.holders:
            found.update(request.process_id for request in ahead if request.mode in conflicts)
        return found - {process_id}

    def _edges(self, process_id: int) -> set[int]:
        """Whom a waiting process waits for."""
        request = self._waiting.get(process_id)
        if request is None:
            return set()
        entry = self._entries[request.resource]
        ahead = entry.queue[: entry.queue.index(request)]
        return self._blockers(entry, process_id, request.mode, ahead)

    def _circle(self, start: int) -> list[int]:
        """Processes of a circle of waits through `start`; none when there is no circle."""
        paths = [[start]]
        seen: set[int] = set()
        while paths:
            path = paths.pop()
            for blocker in self._edges(path[-1]):
                if blocker == start:
                    return path
                if blocker not in seen:
                    seen.add(blocker)
                    paths.append([*path, blocker])
        return []

    def _told(self, closing: _Request, circle: list[int]) -> str:
        lines = []
        for waiter, blocker in zip(circle, [*circle[1:], circle[0]], strict=True):
            request = closing if waiter == closing.process_id else self._waiting[waiter]
            lines.append(
                f"Process {waiter} waits for {request.mode.value} on {told(request.resource)}; "
                f"blocked by process {blocker}."
            )
        return "\n".join(lines)


def _grant(entry: _Entry, process_id: int, mode: Mode) -> None:
    held = entry.holders.get(process_id)
    if held is None:
        held = entry.holders[process_id] = Counter()
    held[mode] += 1


def told(resource: Resource) -> str:
    """A resource in a message."""
    match resource.kind:
        case "relation":
            return f"relation {resource.table_oid}"
        case "tuple":
            return f"row {resource.key} of relation {resource.table_oid}"
        case "rows" | "key" | "keys":
            return f"{resource.kind} of relation {resource.table_oid}"
        case "advisory":
            return f"advisory lock {resource.key}"
        case _:
            return "the definitions"
