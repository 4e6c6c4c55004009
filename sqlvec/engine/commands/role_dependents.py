"""Role dependents: what a role owns or is named in, as DROP ROLE tells it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.acl import Acl
from sqlvec.core.role import DefaultAcl, Membership
from sqlvec.core.schema import Schema, Sequence, Table, View
from sqlvec.storage.catalog import CatalogState

_KINDS = {"r": "relations", "S": "sequences", "n": "schemas", "f": "functions", "T": "types"}


def dependents_of(state: CatalogState, role: int, database: str) -> list[str]:
    found: list[str] = []
    for item in state.objects.values():
        if isinstance(item, Sequence) and item.owner is not None:
            continue  # it goes with its table
        label = f"{_label(item)} {shown_name(state, item)}"
        if item.owner_role == role:
            found.append(f"owner of {label}")
        elif _mentions(item.acl, role):
            found.append(f"privileges for {label}")
        if isinstance(item, Table | View):
            found += [
                f"privileges for column {column.name} of {label}"
                for column in item.columns
                if _mentions(column.acl, role)
            ]
        if isinstance(item, Table):
            found += [f"target of policy {p.name} on {label}" for p in item.policies if role in p.roles]
    return [*found, *_of_roster(state, role, database)]


def _of_roster(state: CatalogState, role: int, database: str) -> Iterator[str]:
    roster = state.roster
    if roster.database.owner_role == role:
        yield f"owner of database {database}"
    elif _mentions(roster.database.acl, role):
        yield f"privileges for database {database}"
    for item in roster.each(DefaultAcl):
        schema = next((s.name for s in state.each(Schema) if s.oid == item.schema), None)
        where = f" in schema {schema}" if schema is not None else ""
        label = (
            f"default privileges on new {_KINDS[item.kind]} belonging to role "
            f"{roster.name_of(item.role)}{where}"
        )
        if item.role == role:
            yield f"owner of {label}"
        elif _mentions(item.acl, role):
            yield f"privileges for {label}"
    for membership in roster.each(Membership):
        if membership.grantor == role and role not in (membership.role, membership.member):
            member, of = roster.name_of(membership.member), roster.name_of(membership.role)
            yield f"privileges for membership of role {member} in role {of}"


def _mentions(acl: Acl | None, role: int) -> bool:
    return acl is not None and any(role in (item.grantee, item.grantor) for item in acl)


def _label(item: Table | View | Sequence | Schema) -> str:
    return type(item).__name__.lower()


def shown_name(state: CatalogState, item: Table | View | Sequence | Schema) -> str:
    if isinstance(item, Schema) or item.schema == "public":
        return item.name
    return f"{item.schema}.{item.name}"
