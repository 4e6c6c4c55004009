"""RecallCurve: the recall and time of one index, as measured, by effort, k and share of allowed rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from math import ceil, exp, log
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEASURED_K = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class CurveNode:
    """What was measured with one share of the rows allowed; every sequence runs along `efforts`."""

    selectivity: float
    efforts: tuple[int, ...]  # ascending
    recall: tuple[tuple[float, ...], ...]  # one per MEASURED_K, ascending; NaN below the first effort for k
    seconds: tuple[float, ...]  # of one search on one thread

    def effort_for(self, target: float, which_k: int) -> float | None:
        """The least effort with this recall; a straight line over log effort lies below the truth."""
        before: tuple[float, float] | None = None
        for effort, recall in zip(self.efforts, self.recall[which_k], strict=True):
            if recall >= target:  # never so for NaN
                if before is None:
                    return float(effort)
                share = (target - before[1]) / (recall - before[1])
                return exp(before[0] + share * (log(effort) - before[0]))
            if recall == recall:
                before = (log(effort), recall)
        return None

    def expected_recall(self, effort: float, which_k: int) -> float:
        recall = np.array(self.recall[which_k])
        measured = np.isfinite(recall)
        if not measured.any():
            return 0.0
        efforts = np.array(self.efforts)[measured]
        # hnsw raises its effort to k; below what was measured recall falls slower than this root
        below = min(1.0, max(effort, MEASURED_K[which_k]) / efforts[0]) ** 0.25
        return float(np.interp(log(max(effort, 1)), np.log(efforts), recall[measured]) * below)


@dataclass(frozen=True, slots=True)
class RecallCurve:
    """Answers how much effort a recall target takes; cautious by the error of its sample.

    A filter's rows lie `clustered` (a section, a tenant, a language: near to each other, so that a query may
    be far from all of them) or `scattered` at random among the vectors.
    """

    clustered: tuple[CurveNode, ...]  # by falling selectivity, the first at 1.0; none: too small to measure
    scattered: tuple[CurveNode, ...]
    greatest_effort: int

    def effort_for(
        self, target: float, k: int, selectivity: float = 1.0, *, is_scattered: bool = False
    ) -> int | None:
        """The least effort that meets `target` recall@k; None when exact search must do it.

        Say `is_scattered` only of a filter known to have nothing to do with the vectors: it takes less.
        """
        if target >= 1.0 or k < 1:
            return None
        bracket = _bracket(self.scattered if is_scattered else self.clustered, selectivity)
        if bracket is None:
            return None
        wide, narrow, share = bracket
        at_wide, at_narrow = (_effort_at(node, target, k) for node in (wide, narrow))
        if at_wide is None or at_narrow is None:
            return None
        effort = ceil(at_wide + share * (max(at_narrow, at_wide) - at_wide) - 1e-9)
        return effort if effort <= self.greatest_effort else None

    def expected_recall(
        self, effort: int, k: int, selectivity: float = 1.0, *, is_scattered: bool = False
    ) -> float:
        """Recall@k to expect, slightly low; 0 where nothing was measured."""
        bracket = _bracket(self.scattered if is_scattered else self.clustered, selectivity)
        if bracket is None:
            return 0.0
        wide, narrow, share = bracket
        at_wide, at_narrow = (_recall_at(node, effort, k) for node in (wide, narrow))
        return at_wide + share * (min(at_narrow, at_wide) - at_wide)

    def seconds_per_search(self, effort: int, selectivity: float = 1.0) -> float:
        """Time of one search on one thread."""
        nodes = self.clustered
        if not nodes:
            return 0.0
        wide, narrow, share = _bracket(nodes, selectivity) or (nodes[-1], nodes[-1], 0.0)
        at_wide, at_narrow = (_seconds_at(node, effort) for node in (wide, narrow))
        return at_wide + share * (at_narrow - at_wide)

    def to_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        return {
            "clustered": [_node_to_dict(node) for node in self.clustered],
            "scattered": [_node_to_dict(node) for node in self.scattered],
            "greatest_effort": self.greatest_effort,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> RecallCurve:
        clustered, scattered = (
            tuple(_node_from_dict(node) for node in stored[name]) for name in ("clustered", "scattered")
        )
        return cls(clustered, scattered, int(stored["greatest_effort"]))


def _node_to_dict(node: CurveNode) -> dict[str, Any]:
    stored = asdict(node)
    stored["recall"] = [[None if r != r else r for r in row] for row in node.recall]
    return stored


def _node_from_dict(stored: Mapping[str, Any]) -> CurveNode:
    return CurveNode(
        float(stored["selectivity"]),
        tuple(int(effort) for effort in stored["efforts"]),
        tuple(tuple(float("nan") if r is None else float(r) for r in row) for row in stored["recall"]),
        tuple(float(seconds) for seconds in stored["seconds"]),
    )


def _bracket(nodes: Sequence[CurveNode], selectivity: float) -> tuple[CurveNode, CurveNode, float] | None:
    """The nodes on both sides, and how far towards the narrower; None below the narrowest."""
    if nodes and selectivity >= nodes[0].selectivity:
        return nodes[0], nodes[0], 0.0
    for wide, narrow in pairwise(nodes):
        if selectivity >= narrow.selectivity:
            span = log(wide.selectivity / narrow.selectivity)
            return wide, narrow, log(wide.selectivity / selectivity) / span
    return None


def _around_k(k: int) -> tuple[int, int, float]:
    """Indexes of the measured k on both sides, and how far towards the greater."""
    for which, (low, high) in enumerate(pairwise(MEASURED_K)):
        if k <= high:
            return which, which + 1, log(k / low) / log(high / low)
    last = len(MEASURED_K) - 1
    return last, last, 0.0


def _effort_at(node: CurveNode, target: float, k: int) -> float | None:
    low, high, share = _around_k(k)
    at_low = node.effort_for(target, low)
    at_high = at_low if share == 0 else node.effort_for(target, high)
    if share == 1:
        at_low = at_high
    if at_low is None or at_high is None:
        return None
    # beyond the greatest k measured, the same effort per row asked for
    return (at_low + share * (max(at_high, at_low) - at_low)) * max(1.0, k / MEASURED_K[-1])


def _recall_at(node: CurveNode, effort: float, k: int) -> float:
    low, high, share = _around_k(k)
    effort = effort / max(1.0, k / MEASURED_K[-1])
    at_low, at_high = node.expected_recall(effort, low), node.expected_recall(effort, high)
    return (1 - share) * at_low + share * at_high


def _seconds_at(node: CurveNode, effort: float) -> float:
    """Linear in the effort, also beyond both ends."""
    efforts: Sequence[int] = node.efforts
    if effort <= efforts[-1] or len(efforts) == 1:
        return float(np.interp(effort, efforts, node.seconds))
    slope = max(0.0, (node.seconds[-1] - node.seconds[-2]) / (efforts[-1] - efforts[-2]))
    return node.seconds[-1] + slope * (effort - efforts[-1])
