"""RowOrder: finds rows by their row ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowOrder:
    """Row ids in order, and where each stands; `order` is None where they stand in order already."""

    ordered: Ints
    order: Ints | None

    @staticmethod
    def of(rids: Ints) -> RowOrder:
        if len(rids) == 0 or _is_sorted(rids):
            return RowOrder(rids, None)
        order = np.argsort(rids, kind="stable")
        return RowOrder(rids[order], order)

    def places(self, rids: Ints) -> Ints:
        """Where rows are; -1 for those that are not there."""
        if len(self.ordered) == 0 or len(rids) == 0:
            return np.full(len(rids), -1, np.int64)
        found = np.minimum(np.searchsorted(self.ordered, rids), len(self.ordered) - 1)
        places = found if self.order is None else self.order[found]
        return np.where(self.ordered[found] == rids, places, -1).astype(np.int64)


def _is_sorted(values: Ints) -> bool:
    return bool(values[0] <= values[-1]) and bool(np.all(values[:-1] <= values[1:]))
