"""AttachedIndex: a vector index tied to a table's rows: ordinals to positions, tail, tombstones, file.

The structure knows ordinals only. This layer keeps the row id of every ordinal; rows that the structure
does not hold yet (the tail) are scanned exactly, rows that are gone are masked. So a search is right at
every moment, and after a restart comparing two sets of row ids catches the index up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sqlvec.core.schema import Index

from . import index_file
from .access_method import VectorIndex
from .calibration import calibrate
from .exact import distances_at, exact_top_k
from .methods import METHODS
from .metric import OPCLASSES, Metric, is_indexable
from .recall_curve import RecallCurve

if TYPE_CHECKING:
    from ..snapshot import Bools, Floats, Ints, TableSnapshot

    Progress = Callable[[str, int, int], None]

DEFAULT_OPCLASS = "vector_l2_ops"
FOLD_AT = 512  # tail rows from which on the background worker adds them to the structure
REBUILD_AT = 0.2  # share of dead ordinals from which on it builds anew


@dataclass(frozen=True, slots=True)
class _Mapping:
    """Where the ordinals' rows are in one lineage of snapshots; -1 for rows that are gone."""

    lineage: int
    positions: Ints
    covered: Bools  # by position, as long as the snapshot was when this was made


@dataclass(frozen=True, slots=True)
class Found:
    """A search's result: nearest first, with exact distances."""

    positions: Ints
    distances: np.ndarray[tuple[int], np.dtype[np.float64]]
    distance_computations: int


class AttachedIndex:
    """One vector index of one table; safe for concurrent searches, folds and saves."""

    def __init__(self, definition: Index, index: VectorIndex, rids: Ints, curve: RecallCurve) -> None:
        self.definition = definition
        self.structure = index
        self.curve = curve
        self.is_saved = False
        self._rids = rids  # by ordinal; as long as the mapping's positions
        self._mapping: _Mapping | None = None
        self._lock = threading.Lock()  # of the two above
        self._changing = threading.Lock()  # held by who adds to the structure or writes it out

    @property
    def column(self) -> str:
        name = self.definition.columns[0].column
        assert name is not None
        return name

    @property
    def metric(self) -> Metric:
        return metric_of(self.definition)

    def __len__(self) -> int:
        return len(self._rids)

    def redefine(self, definition: Index) -> None:
        """The index or its column has another name."""
        if definition != self.definition:
            self.definition = definition
            self.is_saved = False

    def search(
        self, snapshot: TableSnapshot, name: str, query: Floats, k: int, effort: int, allowed: Bools | None
    ) -> Found:
        """The k nearest rows among `allowed` positions (None: all live ones).

        `name` is the column's in the snapshot: a RENAME may have come since it was taken.
        """
        # One mapping for the whole search: a fold in between moves rows from the tail to the structure, and
        # they must be seen in just one of them.
        mapping = self._mapped(snapshot)
        column = snapshot.vectors(name)
        result = self.structure.search(query, k, effort, _ordinal_mask(mapping, snapshot, allowed))
        if (result.ordinals >= len(mapping.positions)).any():
            # A fold came in between: its rows are in the tail below, or not in this snapshot at all. They
            # must not take the places of others, so look again without them.
            mask = np.ones(len(mapping.positions), np.bool_)
            result = self.structure.search(query, k, effort, mask)
        positions = mapping.positions[result.ordinals]
        distances = distances_at(column.matrix, query, self.metric, positions)
        tail = _tail(mapping, snapshot, name, allowed)
        if len(tail):
            tail_positions, tail_distances = exact_top_k(column.matrix, query, k, self.metric, tail)
            positions = np.concatenate([positions, tail_positions])
            distances = np.concatenate([distances, tail_distances])
        order = np.lexsort((positions, distances))[:k]
        return Found(positions[order], distances[order], result.distance_computations + len(tail))

    def tail(self, snapshot: TableSnapshot, allowed: Bools | None = None) -> Ints:
        """Live rows with a vector that the structure does not hold."""
        return _tail(self._mapped(snapshot), snapshot, self.column, allowed)

    def foldable(self, snapshot: TableSnapshot) -> Ints:
        """Rows of the tail that the structure can take: under COSINE a zero vector stays outside for ever."""
        tail = self.tail(snapshot)
        return tail[is_indexable(snapshot.vectors(self.column).matrix[tail], self.metric)]

    def dead(self, snapshot: TableSnapshot) -> int:
        """Ordinals whose rows are deleted or changed their vector."""
        positions = self._mapped(snapshot).positions
        inside = positions[(positions >= 0) & (positions < len(snapshot))]
        live = len(inside) if snapshot.live is None else int(np.count_nonzero(snapshot.live[inside]))
        return len(positions) - live

    def fold(self, snapshot: TableSnapshot) -> int:
        """Add the tail to the structure; returns how many rows. Searches may go on meanwhile."""
        with self._changing:
            tail = self.foldable(snapshot)
            if len(tail) == 0:
                return 0
            self.structure.add(snapshot.vectors(self.column).matrix[tail])
            with self._lock:
                self._rids = np.concatenate([self._rids, snapshot.rids[tail]])
                mapping = self._mapping
                if mapping is None or mapping.lineage != snapshot.lineage:
                    # A search of another lineage came in between: the next one finds all positions anew.
                    self._mapping = None
                else:
                    covered = _grown(mapping.covered, len(snapshot))
                    covered[tail] = True
                    self._mapping = _Mapping(
                        mapping.lineage, np.concatenate([mapping.positions, tail]), covered
                    )
                self.is_saved = False
            return len(tail)

    def _mapped(self, snapshot: TableSnapshot) -> _Mapping:
        mapping = self._mapping
        if (
            mapping is not None
            and mapping.lineage == snapshot.lineage
            and len(mapping.covered) >= len(snapshot)
        ):
            return mapping
        with self._lock:
            current = self._mapping
            if current is not None and current.lineage == snapshot.lineage:
                found = _extended(current, self._rids, snapshot)
            else:
                found = _mapping_of(self._rids, snapshot)
            if current is None or current.lineage <= snapshot.lineage:  # else a search in an old snapshot
                self._mapping = found
            return found

    def save(self, path: Path) -> None:
        """Write the structure with its row ids; atomic, checked when it is read back."""
        with self._changing:
            header = {"column": self.column, "curve": self.curve.to_dict()}
            index_file.save(path, self.structure, header, {"rids": self._rids})
            self.is_saved = True


def _mapping_of(rids: Ints, snapshot: TableSnapshot) -> _Mapping:
    positions = snapshot.positions_of(rids)
    covered = np.zeros(len(snapshot), np.bool_)
    covered[positions[positions >= 0]] = True
    return _Mapping(snapshot.lineage, positions, covered)


def _extended(mapping: _Mapping, rids: Ints, snapshot: TableSnapshot) -> _Mapping:
    """For a snapshot of the same lineage with more rows; ordinals without a row may be among the new ones."""
    known = len(mapping.covered)
    if known >= len(snapshot):
        return mapping
    positions, covered = mapping.positions, _grown(mapping.covered, len(snapshot))
    lost = np.flatnonzero(positions < 0)
    if len(lost):
        places = replace(snapshot, rids=snapshot.rids[known:], live=None, columns={}).positions_of(rids[lost])
        found = places >= 0
        positions = positions.copy()
        positions[lost[found]] = places[found] + known
        covered[places[found] + known] = True
    return _Mapping(mapping.lineage, positions, covered)


def _grown(covered: Bools, count: int) -> Bools:
    """A copy of at least this length."""
    grown = np.zeros(max(len(covered), count), np.bool_)
    grown[: len(covered)] = covered
    return grown


def _tail(mapping: _Mapping, snapshot: TableSnapshot, column: str, allowed: Bools | None) -> Ints:
    count = len(snapshot)
    known = min(len(mapping.covered), count)
    missing = snapshot.vectors(column).valid.copy()
    missing[:known] &= ~mapping.covered[:known]
    if allowed is not None:
        missing &= allowed
    elif snapshot.live is not None:
        missing &= snapshot.live
    return np.flatnonzero(missing)


def metric_of(definition: Index) -> Metric:
    return OPCLASSES[definition.columns[0].opclass or DEFAULT_OPCLASS]


def build(
    definition: Index,
    snapshot: TableSnapshot,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> AttachedIndex:
    """Build an index over a snapshot's rows and measure its recall."""
    name = definition.columns[0].column
    assert name is not None
    column = snapshot.vectors(name)
    metric = metric_of(definition)
    usable = column.valid & is_indexable(column.matrix, metric)
    if snapshot.live is not None:
        usable &= snapshot.live
    positions = np.flatnonzero(usable)
    vectors = column.matrix if len(positions) == len(column.matrix) else column.matrix[positions]
    method = METHODS[definition.method]
    options = method.parse_options(dict(definition.options))
    structure = method.build(vectors, metric, options, progress=progress, cancelled=cancelled)
    curve = calibrate(structure, vectors)  # type: ignore[arg-type]
    return AttachedIndex(definition, structure, snapshot.rids[positions].copy(), curve)


def load(path: Path, definition: Index) -> AttachedIndex:
    """Read a saved index; raises IndexFileDamaged when it is not this definition's."""
    header, arrays, structure = index_file.load(path)
    if structure.method != definition.method or header.get("column") != definition.columns[0].column:
        raise index_file.IndexFileDamaged("the file is another index's")
    if structure.metric is not metric_of(definition) or len(arrays["rids"]) != len(structure):
        raise index_file.IndexFileDamaged("the file does not fit the index's definition")
    attached = AttachedIndex(definition, structure, arrays["rids"], RecallCurve.from_dict(header["curve"]))
    attached.is_saved = True
    return attached


def _ordinal_mask(mapping: _Mapping, snapshot: TableSnapshot, allowed: Bools | None) -> Bools | None:
    positions = mapping.positions
    base = allowed if allowed is not None else snapshot.live
    inside = (positions >= 0) & (positions < len(snapshot))
    if base is None and inside.all():
        return None
    if base is None:
        return inside
    mask = np.zeros(len(positions), np.bool_)
    mask[inside] = base[positions[inside]]
    return mask
