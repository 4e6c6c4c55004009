"""Lock modes and which of them conflict (PostgreSQL 13.3, "Explicit Locking")."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Mode(Enum):
    """The values are what pg_locks shows; row and key modes exist only here."""

    # Tables (13.3.1)
    ACCESS_SHARE = "AccessShareLock"
    ROW_SHARE = "RowShareLock"
    ROW_EXCLUSIVE = "RowExclusiveLock"
    SHARE_UPDATE_EXCLUSIVE = "ShareUpdateExclusiveLock"
    SHARE = "ShareLock"
    SHARE_ROW_EXCLUSIVE = "ShareRowExclusiveLock"
    EXCLUSIVE = "ExclusiveLock"
    ACCESS_EXCLUSIVE = "AccessExclusiveLock"
    # Rows (13.3.2)
    FOR_KEY_SHARE = "ForKeyShare"
    FOR_SHARE = "ForShare"
    FOR_NO_KEY_UPDATE = "ForNoKeyUpdate"
    FOR_UPDATE = "ForUpdate"
    # A table's rows or keys as a whole: intentions of those who lock some, and locks on all
    SOME_SHARED = "SomeShared"
    SOME_EXCLUSIVE = "SomeExclusive"
    ALL_SHARED = "AllShared"
    ALL_EXCLUSIVE = "AllExclusive"

    # Members are compared by identity and used as keys on every statement.
    __hash__ = object.__hash__


_TABLE_ORDER: Final = (
    Mode.ACCESS_SHARE, Mode.ROW_SHARE, Mode.ROW_EXCLUSIVE, Mode.SHARE_UPDATE_EXCLUSIVE, Mode.SHARE,
    Mode.SHARE_ROW_EXCLUSIVE, Mode.EXCLUSIVE, Mode.ACCESS_EXCLUSIVE,
)  # fmt: skip
# Row by row of PostgreSQL's table 13.2, columns in the same order: x where two modes conflict.
_TABLE_CONFLICTS: Final = (
    ".......x",
    "......xx",
    "....xxxx",
    "...xxxxx",
    "..xx.xxx",
    "..xxxxxx",
    ".xxxxxxx",
    "xxxxxxxx",
)
_ROW_ORDER: Final = (Mode.FOR_KEY_SHARE, Mode.FOR_SHARE, Mode.FOR_NO_KEY_UPDATE, Mode.FOR_UPDATE)
_ROW_CONFLICTS: Final = (
    "...x",
    "..xx",
    ".xxx",
    "xxxx",
)  # table 13.3
_WHOLE_ORDER: Final = (Mode.SOME_SHARED, Mode.SOME_EXCLUSIVE, Mode.ALL_SHARED, Mode.ALL_EXCLUSIVE)
_WHOLE_CONFLICTS: Final = (
    "...x",
    "..xx",
    ".x.x",
    "xxxx",
)


def _conflicts_of(order: tuple[Mode, ...], rows: tuple[str, ...]) -> dict[Mode, frozenset[Mode]]:
    return {
        mode: frozenset(other for other, mark in zip(order, row, strict=True) if mark == "x")
        for mode, row in zip(order, rows, strict=True)
    }


CONFLICTS: Final = {
    **_conflicts_of(_TABLE_ORDER, _TABLE_CONFLICTS),
    **_conflicts_of(_ROW_ORDER, _ROW_CONFLICTS),
    **_conflicts_of(_WHOLE_ORDER, _WHOLE_CONFLICTS),
}

# What LOCK TABLE ... IN x MODE calls them.
TABLE_MODES: Final = {mode.name.replace("_", " "): mode for mode in _TABLE_ORDER}


def intention(mode: Mode) -> Mode:
    """What a lock on one row or key asks of the table's rows or keys as a whole."""
    return Mode.SOME_SHARED if mode in (Mode.FOR_KEY_SHARE, Mode.FOR_SHARE) else Mode.SOME_EXCLUSIVE


def escalated(mode: Mode) -> Mode:
    """The lock on all rows or keys that stands for this one on each of many."""
    return Mode.ALL_SHARED if mode in (Mode.FOR_KEY_SHARE, Mode.FOR_SHARE) else Mode.ALL_EXCLUSIVE
