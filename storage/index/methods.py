"""METHODS: the access methods that CREATE INDEX ... USING knows for vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hnsw import HNSW
from .ivfflat import IVFFLAT

if TYPE_CHECKING:
    from .access_method import AccessMethod

METHODS: dict[str, AccessMethod] = {HNSW.name: HNSW, IVFFLAT.name: IVFFLAT}
