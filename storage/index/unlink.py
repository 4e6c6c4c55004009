"""Unlinking: take vertices out of an HNSW graph for a while, as if they had never been inserted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .library import faiss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .metric import Ordinals

    Links = NDArray[np.int32]  # [vertices, links]; -1 ends a list


@contextmanager
def unlinked(graph: Any, vertices: Ordinals, generator: np.random.Generator) -> Iterator[None]:
    """Remove each link to `vertices`, all of the lowest level only; put it back at the end.

    Had such a vertex never been there, its neighbours would have been linked more among themselves: so a
    link to it is replaced by one to a neighbour of it. (Measured, recall@10 at ef_search 20/40/80:
    .84/.91/.95 with holes, .88/.94/.96 with replacements, .89/.94/.97 for queries never in the graph.)
    """
    links = faiss.rev_swig_ptr(graph.neighbors.data(), graph.neighbors.size())
    offsets = faiss.vector_to_array(graph.offsets).astype(np.int64)
    width = int(graph.nb_neighbors(0))
    is_out = np.zeros(len(offsets), np.bool_)  # the last stands for -1, the end of a list
    is_out[vertices] = True
    owners = np.searchsorted(offsets, np.flatnonzero(is_out[links]), side="right") - 1
    owners = np.unique(owners[~is_out[owners]])
    slots = offsets[owners][:, None] + np.arange(width)
    saved = links[slots].copy()
    own_links = links[offsets[vertices][:, None] + np.arange(width)]
    links[slots] = _replaced(saved, owners, vertices, own_links, is_out, generator)
    try:
        yield
    finally:
        links[slots] = saved


def _replaced(
    lists: Links,
    owners: Ordinals,
    vertices: Ordinals,
    own_links: Links,
    is_out: NDArray[np.bool_],
    generator: np.random.Generator,
) -> Links:
    row, column = np.nonzero(is_out[lists])
    candidates = own_links[np.searchsorted(vertices, lists[row, column])]
    is_new = (candidates >= 0) & ~is_out[candidates] & (candidates != owners[row][:, None])
    for slot in range(lists.shape[1]):  # 2m slots; all at once would take 2m times the memory
        is_new &= candidates != lists[row, slot][:, None]
    score = np.where(is_new, generator.random(is_new.shape), -1.0)
    best = score.argmax(axis=1)
    picked = np.where(is_new.any(axis=1), candidates[np.arange(len(row)), best], -1)
    result = lists.copy()
    result[row, column] = picked
    order = np.argsort(result < 0, axis=1, kind="stable")  # a list ends at its first -1
    compact: Links = np.take_along_axis(result, order, axis=1)
    return compact
