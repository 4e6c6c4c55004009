"""Roster: the roles of a database and who belongs to whom, as one immutable value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from .role import (
    DATABASE,
    DATABASE_OWNER,
    PREDEFINED,
    DatabaseAccess,
    DefaultAcl,
    Membership,
    Role,
    RoleSettings,
)

RosterItem: TypeAlias = Role | Membership | RoleSettings | DefaultAcl | DatabaseAccess
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Roster:
    """All by OID; look-ups are built once per value."""

    items: Mapping[int, RosterItem] = field(default_factory=dict)
    _names: Mapping[str, Role] = field(default_factory=dict, compare=False)
    _memberships: Mapping[int, tuple[Membership, ...]] = field(default_factory=dict, compare=False)
    _closures: dict[tuple[str, int], frozenset[int]] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def of(items: Iterable[RosterItem]) -> Roster:
        by_oid = {item.oid: item for item in items}
        names = {item.name: item for item in by_oid.values() if isinstance(item, Role)}
        memberships: dict[int, tuple[Membership, ...]] = {}
        for item in by_oid.values():
            if isinstance(item, Membership):
                memberships[item.member] = (*memberships.get(item.member, ()), item)
        return Roster(by_oid, names, memberships)

    def with_item(self, item: RosterItem) -> Roster:
        return Roster.of({**self.items, item.oid: item}.values())

    def without(self, *oids: int) -> Roster:
        return Roster.of(item for item in self.items.values() if item.oid not in oids)

    def each(self, kind: type[_T]) -> list[_T]:
        return [item for item in self.items.values() if isinstance(item, kind)]

    def named(self, name: str) -> Role | None:
        return self._names.get(name)

    def role(self, oid: int) -> Role | None:
        item = self.items.get(oid)
        return item if isinstance(item, Role) else None

    def name_of(self, oid: int) -> str:
        found = self.role(oid)
        return found.name if found is not None else str(oid)

    @property
    def database(self) -> DatabaseAccess:
        found = self.items[DATABASE]
        assert isinstance(found, DatabaseAccess)
        return found

    def is_superuser(self, oid: int) -> bool:
        found = self.role(oid)
        return found is not None and found.is_superuser

    def memberships_of(self, member: int) -> tuple[Membership, ...]:
        return self._memberships.get(member, ())

    # Membership ----------------------------------------------------------------------------------------

    def privileges_of(self, oid: int) -> frozenset[int]:
        """The roles whose privileges a role has without further ado, itself included."""
        return self._closure("inherit", oid, lambda each: each.inherits)

    def settable_by(self, oid: int) -> frozenset[int]:
        """The roles that a role may SET ROLE to, superusers aside."""
        return self._closure("set", oid, lambda each: each.may_set)

    def member_of(self, oid: int) -> frozenset[int]:
        return self._closure("member", oid, lambda each: True)

    def has_privileges_of(self, oid: int, role: int) -> bool:
        """Whether it can do what the role can, as owner for instance; a superuser can."""
        return self.is_superuser(oid) or role in self.privileges_of(oid)

    def may_set(self, oid: int, role: int) -> bool:
        return self.is_superuser(oid) or role in self.settable_by(oid)

    def is_admin_of(self, oid: int, role: int) -> bool:
        """Whether it may grant membership in the role; nobody is its own admin."""
        if self.is_superuser(oid):
            return True
        return any(
            each.role == role and each.is_admin
            for member in self.privileges_of(oid)
            for each in self.memberships_of(member)
        )

    def _closure(self, kind: str, oid: int, follows: Callable[[Membership], bool]) -> frozenset[int]:
        known = self._closures.get((kind, oid))
        if known is not None:
            return known
        found, queue = {oid}, [oid]
        while queue:
            current = queue.pop()
            above = [each.role for each in self.memberships_of(current) if follows(each)]
            if current == self.database.owner_role:
                above.append(DATABASE_OWNER)
            for role in above:
                if role not in found:
                    found.add(role)
                    queue.append(role)
        self._closures[kind, oid] = frozenset(found)
        return self._closures[kind, oid]


INITIAL = Roster.of([*PREDEFINED, DatabaseAccess()])
