"""Privileges: what one role may do with the objects of a catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sqlvec.core.acl import ALL, effective, held, held_grantable
from sqlvec.core.role import MAINTAIN, READ_ALL_DATA, WRITE_ALL_DATA, DatabaseAccess
from sqlvec.core.schema import Column, Schema, Sequence, Table, View

from .catalog import CatalogState

Secured: TypeAlias = Table | View | Sequence | Schema | DatabaseAccess


def kind_of(item: Secured) -> str:
    """The letter of pg_default_acl for relations, sequences, schemas; "d" is the database."""
    match item:
        case Sequence():
            return "S"
        case Schema():
            return "n"
        case DatabaseAccess():
            return "d"
        case _:
            return "r"


@dataclass(frozen=True, slots=True)
class Privileges:
    """A superuser has all; nobody else has what nothing gives them."""

    state: CatalogState
    role: int

    @property
    def is_superuser(self) -> bool:
        return self.state.roster.is_superuser(self.role)

    def owns(self, item: Secured) -> bool:
        """Whether it is the owner, or has the owner's privileges."""
        return self.state.roster.has_privileges_of(self.role, item.owner_role)

    def on(self, item: Secured) -> frozenset[str]:
        """The letters that it has on an object as a whole."""
        kind = kind_of(item)
        if self.is_superuser:
            return frozenset(ALL[kind])
        roles = self.state.roster.privileges_of(self.role)
        return held(effective(item.acl, kind, item.owner_role), roles) | _predefined(kind, roles)

    def on_column(self, item: Table | View, column: Column) -> frozenset[str]:
        """The letters that it has on a column by itself; those on the whole table are not among them."""
        if column.acl is None:
            return frozenset()
        return held(column.acl, self.state.roster.privileges_of(self.role))

    def has(self, item: Secured, letter: str) -> bool:
        return letter in self.on(item)

    def has_on_column(self, item: Table | View, column: Column, letter: str) -> bool:
        return letter in self.on(item) or letter in self.on_column(item, column)

    def has_on_any_column(self, item: Table | View, letter: str) -> bool:
        if letter in self.on(item):
            return True
        return any(letter in self.on_column(item, column) for column in item.columns)

    def may_grant(self, item: Secured, column: Column | None = None) -> frozenset[str]:
        """The letters that it may grant on."""
        kind = kind_of(item) if column is None else "c"
        if self.owns(item):
            return frozenset(ALL[kind])
        roles = self.state.roster.privileges_of(self.role)
        whole = held_grantable(effective(item.acl, kind_of(item), item.owner_role), roles)
        return whole if column is None else whole | held_grantable(column.acl or (), roles)

    def is_guarded(self, table: Table) -> bool:
        """Whether row-level security concerns the role there."""
        role = self.state.roster.role(self.role)
        if not table.row_security or (role is not None and (role.is_superuser or role.bypasses_rls)):
            return False
        return table.force_row_security or not self.owns(table)

    def sees(self, item: Table | View | Sequence) -> bool:
        """Whether it has any privilege on it; that is what information_schema shows."""
        if self.owns(item) or self.on(item):
            return True
        return not isinstance(item, Sequence) and any(self.on_column(item, c) for c in item.columns)


def _predefined(kind: str, roles: frozenset[int]) -> frozenset[str]:
    """What membership in PostgreSQL's own roles gives on everything."""
    letters = ""
    if READ_ALL_DATA in roles:
        letters += {"r": "r", "S": "r", "n": "U"}.get(kind, "")
    if WRITE_ALL_DATA in roles:
        letters += {"r": "awd", "S": "w", "n": "U"}.get(kind, "")
    if MAINTAIN in roles and kind == "r":
        letters += "m"
    return frozenset(letters)
