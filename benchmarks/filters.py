"""Filters: the conditions of the recall benchmark, as SQL and as what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .corpus import Corpus


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition in SQL and the same in Python, for the exact answer."""

    sql: str
    keeps: Callable[[dict[str, Any]], bool]

    def mask(self, corpus: Corpus) -> npt.NDArray[np.bool_]:
        return np.fromiter((self.keeps(row) for row in corpus.rows), dtype=np.bool_, count=len(corpus.rows))

    @property
    def where(self) -> str:
        return f"WHERE {self.sql}" if self.sql else ""


FILTERS = (
    Filter("", lambda row: True),
    Filter("section = 'python'", lambda row: row["section"] == "python"),
    Filter("installed_kb < 100", lambda row: row["installed_kb"] is not None and row["installed_kb"] < 100),
    Filter("tags @> ARRAY['role::program']", lambda row: "role::program" in row["tags"]),
    Filter("meta->>'priority' = 'optional'", lambda row: row["priority"] == "optional"),
)
