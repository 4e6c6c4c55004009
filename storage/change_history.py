"""ChangeHistory: which rows recent commits changed, so that a transaction knows whether it sees old ones."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from .snapshot import Ints

_MOST_COMMITS: Final = 1000
_MOST_ROWS: Final = 1_000_000  # over all commits remembered

EVERYTHING: Final = None  # as rows: nobody knows which


class ChangeHistory:
    """Of one table. Commits have growing numbers; call with the commit lock held, read without it."""

    def __init__(self) -> None:
        self._commits: deque[tuple[int, Ints | None]] = deque()
        self._rows = 0
        self._forgotten = -1  # the newest commit that is no longer remembered
        self.newest = -1

    def add(self, commit: int, rows: Ints | None) -> None:
        """`rows` are the row ids of rows deleted or changed; EVERYTHING after DDL and TRUNCATE."""
        self.newest = commit
        self._commits.append((commit, rows))
        self._rows += len(rows) if rows is not None else 0
        while len(self._commits) > _MOST_COMMITS or self._rows > _MOST_ROWS:
            self._forgotten, gone = self._commits.popleft()
            self._rows -= len(gone) if gone is not None else 0

    def has_changed(self, rows: Ints, since: int) -> bool:
        """Whether a commit later than `since` deleted or changed one of these rows, as far as is known."""
        if self.newest <= since:
            return False
        if self._forgotten > since:
            return True
        return any(
            changed is EVERYTHING or bool(np.isin(rows, changed).any())
            for commit, changed in list(self._commits)
            if commit > since
        )
