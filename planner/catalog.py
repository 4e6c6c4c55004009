"""Catalog: what the planner may ask about the database; storage satisfies it structurally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from sqlvec.core.policy import Policy
from sqlvec.core.schema import Column, Sequence, Table, View
from sqlvec.core.settings.session import SessionSettings


@dataclass(frozen=True, slots=True)
class SystemRelation:
    """A relation of pg_catalog or information_schema; `storage_name` is what the engine registers."""

    oid: int
    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def storage_name(self) -> str:
        return f"{self.schema}__{self.name}"


Relation: TypeAlias = Table | View | Sequence | SystemRelation


class Catalog(Protocol):
    """One session's view of the database's objects."""

    @property
    def database(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def session_user(self) -> str: ...

    @property
    def settings(self) -> SessionSettings: ...

    @property
    def search_path(self) -> tuple[str, ...]:
        """The schemas of unqualified names, in order, pg_catalog first unless listed."""
        ...

    def relation(self, schema: str | None, name: str) -> Relation | None: ...

    def inside(self, search_path: tuple[str, ...]) -> Catalog:
        """As the inside of a view or policy sees it: its own search path, and no questions about schemas."""
        ...

    def is_guarded(self, table: Table, role: int | None) -> bool:
        """Whether row-level security concerns a role (None: whoever asks) on a table that has it."""
        ...

    def policies(
        self, table: Table, role: int | None, command: str
    ) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
        """The permissive and the restrictive policies for a command, by name."""
        ...

    def has_schema(self, name: str) -> bool: ...

    def relation_by_oid(self, oid: int) -> Relation | None: ...

    def index_oid(self, schema: str | None, name: str) -> int | None: ...
