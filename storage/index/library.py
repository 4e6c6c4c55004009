"""faiss, untyped: its bundled stubs know only a part of what it has (no RandomGenerator, no IO callbacks)."""

from __future__ import annotations

from typing import Any

import faiss as _faiss

faiss: Any = _faiss
