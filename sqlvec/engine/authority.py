"""Authority: what the current role of a session may do; raises 42501 where it may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlvec.core.errors import InsufficientPrivilege
from sqlvec.core.role import DatabaseAccess
from sqlvec.core.schema import Schema, Sequence, Table, View
from sqlvec.planner.access import Access
from sqlvec.storage.catalog import CatalogState
from sqlvec.storage.privileges import Privileges, Secured

# Relations that hold secrets, or other people's data, in PostgreSQL's own catalog.
CLOSED = frozenset(("pg_authid", "pg_statistic", "pg_user_mapping", "pg_subscription", "pg_largeobject"))


@dataclass(frozen=True, slots=True)
class Authority:
    """`state` is the session's own, as its DDL left it."""

    state: CatalogState
    role: int

    @property
    def is_superuser(self) -> bool:
        return self.state.roster.is_superuser(self.role)

    @property
    def privileges(self) -> Privileges:
        return Privileges(self.state, self.role)

    def must_own(self, item: Secured, database: str = "") -> None:
        if not self.privileges.owns(item):
            raise InsufficientPrivilege(f"must be owner of {label(item)} {name_of(item, database)}")

    def must_have(self, item: Secured, letters: str, database: str = "") -> None:
        """All of these privileges, on the object as a whole."""
        if not set(letters) <= self.privileges.on(item):
            raise denied(item, database)

    def must_create_in(self, schema: str) -> None:
        found = self.state.schema(schema)
        if found is not None:
            self.must_have(found, "C")

    # Plans ---------------------------------------------------------------------------------------------

    def check(self, accesses: Iterable[Access], tables: Iterable[int] = ()) -> None:
        """Everything that a plan reads and writes. A table of the plan that no access speaks of is a fault of
        ours, and denied.
        """
        found = tuple(accesses)
        known = {access.relation for access in found}
        for oid in tables:
            if oid not in known and not self.is_superuser:
                item = self.state.objects.get(oid)
                raise denied(item) if item is not None else InsufficientPrivilege("permission denied")
        for access in found:
            self._check(access)

    def _check(self, access: Access) -> None:
        role = self.role if access.role is None else access.role
        if self.state.roster.is_superuser(role):
            return
        item = self.state.objects.get(access.relation)
        if item is None:
            if access.system in CLOSED:
                raise InsufficientPrivilege(f"permission denied for table {access.system}")
            return
        privileges = Privileges(self.state, role)
        if isinstance(item, Sequence):
            wanted = "Uw" if access.required == "U" else access.required
            if not set(wanted) & privileges.on(item):
                raise denied(item)
            return
        assert not isinstance(item, Schema)
        if not _suffices(privileges, item, access):
            raise denied(item)


def _suffices(privileges: Privileges, item: Table | View, access: Access) -> bool:
    whole = privileges.on(item)
    numbers = {"r": access.selected, "a": access.inserted, "w": access.updated}
    needed = set(access.required) | ({"r"} if access.selected else set())
    for letter in needed - whole:
        columns = numbers.get(letter)
        if columns is None:
            return False
        if not columns:
            if not privileges.has_on_any_column(item, letter):
                return False
            continue
        by_number = {column.number: column for column in item.columns}
        for number in columns:
            column = by_number.get(number)
            if column is None or letter not in privileges.on_column(item, column):
                return False
    return True


def label(item: Secured) -> str:
    return "database" if isinstance(item, DatabaseAccess) else type(item).__name__.lower()


def name_of(item: Secured, database: str = "") -> str:
    return database if isinstance(item, DatabaseAccess) else item.name


def denied(item: Secured, database: str = "") -> InsufficientPrivilege:
    return InsufficientPrivilege(f"permission denied for {label(item)} {name_of(item, database)}")
