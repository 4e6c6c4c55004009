"""pg_am: the access methods."""

from __future__ import annotations

from collections.abc import Iterator

from ..access_methods import ACCESS_METHODS
from ..relation import Row


def fixed(database: str) -> Iterator[Row]:
    for method in ACCESS_METHODS.values():
        yield {"oid": method.oid, "amname": method.name, "amhandler": method.handler, "amtype": method.kind}
