"""LOCK TABLE."""

from __future__ import annotations

from ..statements import LockTable
from .cursor import Cursor
from .truncate import relation

# The eight modes by their words; one may begin as another does, so the longest comes first.
_MODES = (
    "access share",
    "access exclusive",
    "row share",
    "row exclusive",
    "share update exclusive",
    "share row exclusive",
    "share",
    "exclusive",
)


def parse_lock(cursor: Cursor) -> LockTable:
    cursor.expect("lock")
    cursor.accept("table")
    names = cursor.list_of(lambda: relation(cursor))
    mode = "access exclusive"
    if cursor.accept("in"):
        mode = _mode(cursor)
        cursor.expect("mode")
    return LockTable(names, mode.upper(), nowait=cursor.accept("nowait"))


def _mode(cursor: Cursor) -> str:
    for mode in _MODES:
        words = mode.split()
        if all(cursor.word(ahead) == word for ahead, word in enumerate(words)):
            for word in words:
                cursor.expect(word)
            return mode
    raise cursor.error()
