"""New objects: they are their creator's, with the privileges of ALTER DEFAULT PRIVILEGES."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.acl import Acl, default_acl, with_grant
from sqlvec.core.role import BOOTSTRAP, DefaultAcl
from sqlvec.core.schema import Schema, Sequence, Table
from sqlvec.storage.catalog import CatalogState, Object
from sqlvec.storage.privileges import kind_of


def with_owners(before: CatalogState, after: CatalogState, role: int) -> CatalogState:
    """The state with everything that is new in it given to the role; sequences go with their tables."""
    fresh = after.objects.keys() - before.objects.keys()
    for oid in sorted(fresh, key=lambda each: isinstance(after.objects[each], Sequence)):
        item = after.objects[oid]
        owner = _owner_of(after, item, role)
        acl = _initial_acl(after, item, owner)
        if (owner, acl) != (BOOTSTRAP, None):
            after = after.with_object(replace(item, owner_role=owner, acl=acl))
    return after


def _owner_of(state: CatalogState, item: Object, role: int) -> int:
    if item.owner_role != BOOTSTRAP:
        return item.owner_role  # CREATE SCHEMA AUTHORIZATION
    if isinstance(item, Sequence) and item.owner is not None:
        table = state.objects.get(item.owner[0])
        if isinstance(table, Table) and table.owner_role != BOOTSTRAP:
            return table.owner_role
    return role


def _initial_acl(state: CatalogState, item: Object, role: int) -> Acl | None:
    if not state.roster.each(DefaultAcl):
        return None
    kind = kind_of(item)
    general = find_default(state, role, 0, kind)
    schema = None if isinstance(item, Schema) else state.schema(item.schema)
    local = find_default(state, role, schema.oid, kind) if schema is not None else None
    if general is None and local is None:
        return None
    acl = general.acl if general is not None else default_acl(kind, role)
    for each in local.acl if local is not None else ():
        acl = with_grant(acl, each.grantee, each.grantor, each.letters, with_option=False)
        if each.grantable:
            acl = with_grant(acl, each.grantee, each.grantor, each.grantable, with_option=True)
    return acl


def find_default(state: CatalogState, role: int, schema: int, kind: str) -> DefaultAcl | None:
    wanted = (role, schema, kind)
    known = state.roster.each(DefaultAcl)
    return next((each for each in known if (each.role, each.schema, each.kind) == wanted), None)
