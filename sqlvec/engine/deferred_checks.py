"""DeferredChecks: what a transaction's COMMIT has yet to check, and what SET CONSTRAINTS said."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from sqlvec.core.schema import ForeignKey, UniqueConstraint
from sqlvec.storage.snapshot import Ints


@dataclass(slots=True)
class DeferredChecks:
    """By the OID of the constraint: `rows` are row ids, `keys` such as parents no longer have."""

    rows: dict[int, list[Ints]] = field(default_factory=dict)
    keys: dict[int, list[pa.Table]] = field(default_factory=dict)
    _of_all: bool | None = None
    _named: dict[int, bool] = field(default_factory=dict)

    def is_deferred(self, constraint: ForeignKey | UniqueConstraint) -> bool:
        if not constraint.is_deferrable:
            return False
        general = constraint.is_deferred if self._of_all is None else self._of_all
        return self._named.get(constraint.oid, general)

    def set_all(self, *, deferred: bool) -> None:
        self._of_all = deferred
        self._named.clear()

    def set_one(self, oid: int, *, deferred: bool) -> None:
        self._named[oid] = deferred

    @property
    def constraints(self) -> list[int]:
        """Those with something to check, oldest first."""
        return sorted(self.rows.keys() | self.keys.keys())

    def add_rows(self, oid: int, rids: Ints) -> None:
        self.rows.setdefault(oid, []).append(rids)

    def add_keys(self, oid: int, keys: pa.Table) -> None:
        self.keys.setdefault(oid, []).append(keys)

    def take(self, oid: int) -> tuple[list[Ints], list[pa.Table]]:
        return self.rows.pop(oid, []), self.keys.pop(oid, [])

    def follow(self, constraints: set[int], old: Ints, new: Ints) -> None:
        """Rows that have other row ids from now on are still to be checked."""
        for oid in constraints & self.rows.keys():
            moved = np.isin(old, np.concatenate(self.rows[oid]))
            if moved.any():
                self.rows[oid].append(new[moved])

    def copy(self) -> DeferredChecks:
        return DeferredChecks(
            {oid: list(rids) for oid, rids in self.rows.items()},
            {oid: list(keys) for oid, keys in self.keys.items()},
            self._of_all,
            dict(self._named),
        )
