"""SELECT ... FOR UPDATE and its kin, as plans know them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from .typed import Node


class RowLockStrength(Enum):
    """The four row locks; the values are SQL's words after FOR."""

    KEY_SHARE = "KEY SHARE"
    SHARE = "SHARE"
    NO_KEY_UPDATE = "NO KEY UPDATE"
    UPDATE = "UPDATE"


class WhenLocked(Enum):
    """What to do about a row that another transaction has locked."""

    WAIT = auto()
    FAIL = auto()  # NOWAIT
    SKIP = auto()  # SKIP LOCKED


@dataclass(frozen=True, slots=True)
class LockedTable:
    """A table of a locking query; `rid` is the column of the query's rows that holds its row ids."""

    oid: int
    name: str
    rid: str
    strength: RowLockStrength
    when_locked: WhenLocked


@dataclass(frozen=True, slots=True)
class LockingQuery:
    """A SELECT whose rows are locked before anything else sees them, the first `limit` of them.

    `tree` yields the query's own columns, then the row ids; it has no LIMIT, since rows that are skipped
    do not count.
    """

    number: int
    tree: Node
    columns: tuple[str, ...]
    tables: tuple[LockedTable, ...]
    limit: Node | None
    offset: Node | None

    @property
    def storage_name(self) -> str:
        return f"sqlvec_locked_{self.number}"
