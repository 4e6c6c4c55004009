"""LockOwner: the locks of one session: those of its transaction, and advisory ones that outlive it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from .manager import LockManager
from .modes import Mode, escalated, intention
from .resource import Resource

MOST_SINGLE_LOCKS = 2000  # per call; beyond, the whole table's rows or keys are locked at once


class LockOwner:
    """Used by one thread at a time. `check_interrupt` raises when a wait is to end."""

    def __init__(
        self, manager: LockManager, process_id: int, check_interrupt: Callable[[], None] = lambda: None
    ) -> None:
        self.manager = manager
        self.process_id = process_id
        self._check_interrupt = check_interrupt
        self._held: list[tuple[Resource, Mode]] = []  # of the transaction, oldest first
        self._known: set[tuple[Resource, Mode]] = set()
        self._session: Counter[tuple[Resource, Mode]] = Counter()  # advisory, until unlocked

    def __len__(self) -> int:
        return len(self._held)

    def lock(self, resource: Resource, mode: Mode, patience: float = 0.0) -> bool:
        """Hold until the transaction ends; returns whether it had to wait."""
        if (resource, mode) in self._known:
            return False
        waited = self.manager.acquire(
            self.process_id, resource, mode, patience=patience, check_interrupt=self._check_interrupt
        )
        self._note(resource, mode)
        return waited

    def try_lock(self, resource: Resource, mode: Mode) -> bool:
        if (resource, mode) in self._known:
            return True
        if not self.manager.try_acquire(self.process_id, resource, mode):
            return False
        self._note(resource, mode)
        return True

    def lock_each(
        self, whole: Resource, resources: Iterable[Resource], mode: Mode, patience: float = 0.0
    ) -> bool:
        """Lock many rows or keys of one table, or all of them at once when they are too many."""
        wanted = list(resources)
        if len(wanted) > MOST_SINGLE_LOCKS:
            return self.lock(whole, escalated(mode), patience)
        waited = self.lock(whole, intention(mode), patience) if wanted else False
        for resource in wanted:
            waited |= self.lock(resource, mode, patience)
        return waited

    def _note(self, resource: Resource, mode: Mode) -> None:
        self._held.append((resource, mode))
        self._known.add((resource, mode))

    def release_to(self, length: int) -> None:
        """Give back what was locked since there were `length` locks: ROLLBACK TO, and 0 at the end."""
        while len(self._held) > length:
            resource, mode = self._held.pop()
            self._known.discard((resource, mode))
            self.manager.release(self.process_id, resource, mode)

    # Advisory locks of the session -----------------------------------------------------------------------

    def hold(self, resource: Resource, mode: Mode, patience: float = 0.0) -> None:
        """Hold beyond the transaction; as often as it is taken it must be given back."""
        self.manager.acquire(
            self.process_id, resource, mode, patience=patience, check_interrupt=self._check_interrupt
        )
        self._session[resource, mode] += 1

    def try_hold(self, resource: Resource, mode: Mode) -> bool:
        if not self.manager.try_acquire(self.process_id, resource, mode):
            return False
        self._session[resource, mode] += 1
        return True

    def give_back(self, resource: Resource, mode: Mode) -> bool:
        """False when the session does not hold it."""
        if not self._session[resource, mode]:
            del self._session[resource, mode]
            return False
        self._session[resource, mode] -= 1
        if not self._session[resource, mode]:
            del self._session[resource, mode]
        return self.manager.release(self.process_id, resource, mode)

    def give_all_back(self) -> None:
        for (resource, mode), count in self._session.items():
            for _ in range(count):
                self.manager.release(self.process_id, resource, mode)
        self._session.clear()

    def close(self) -> None:
        self.release_to(0)
        self.give_all_back()
