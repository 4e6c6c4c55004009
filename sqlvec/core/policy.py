"""Policy: a row-level security policy of a table; expressions are kept as the client's SQL text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Command: TypeAlias = Literal["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]


@dataclass(frozen=True, slots=True)
class Policy:
    """`roles` are OIDs, 0 is PUBLIC. `using` says which rows are there, `check` which may be written."""

    oid: int
    name: str
    command: Command = "ALL"
    is_permissive: bool = True
    roles: tuple[int, ...] = (0,)
    using: str | None = None
    check: str | None = None
    search_path: tuple[str, ...] = ("public",)  # of who made it: what its names mean
