"""ALTER ... OWNER TO, REASSIGN OWNED and DROP OWNED."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.acl import Acl, AclItem, with_owner
from sqlvec.core.errors import InsufficientPrivilege
from sqlvec.core.outcome import Done
from sqlvec.core.role import DatabaseAccess, DefaultAcl, Membership
from sqlvec.core.schema import Schema, Sequence, Table, View
from sqlvec.planner import statements as st
from sqlvec.storage.catalog import CatalogState, Object

from ..authority import Authority
from ..prepared import Prepared
from ..role_lookup import must_find_role
from ..session import Session
from ..values import ParameterValues
from .drop import remove_table


def set_owner(session: Session, item: Object, spec: st.RoleSpec) -> None:
    """The item's owner, and that of the sequences that belong to its columns."""
    role = must_find_role(session, spec)
    if role.oid == item.owner_role:
        return
    roster = session.roster
    if not roster.is_superuser(session.role):
        if not roster.may_set(session.role, role.oid):
            raise InsufficientPrivilege(f'must be able to SET ROLE "{role.name}"')
        authority = Authority(session.transaction.catalog, role.oid)
        if isinstance(item, Schema):
            Authority(session.transaction.catalog, session.role).must_have(
                roster.database, "C", session.store.name
            )
        else:
            authority.must_create_in(item.schema)
    session.transaction.define(_given(session.transaction.catalog, item, role.oid))


def _given(state: CatalogState, item: Object, role: int) -> CatalogState:
    acl = with_owner(item.acl, item.owner_role, role)
    state = state.with_object(replace(item, owner_role=role, acl=acl))
    if isinstance(item, Table):
        for sequence in state.each(Sequence):
            if sequence.owner is not None and sequence.owner[0] == item.oid:
                state = _given(state, sequence, role)
    return state


def reassign_owned(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.ReassignOwned)
    session.transaction.begin_defining()
    old = [must_find_role(session, spec) for spec in statement.roles]
    new = must_find_role(session, statement.to)
    for role in (*old, new):
        if not session.roster.has_privileges_of(session.role, role.oid):
            place = "from" if role in old else "to"
            raise InsufficientPrivilege(
                "permission denied to reassign objects",
                detail=f'Only roles with privileges of role "{role.name}" may reassign objects '
                f"{'owned by it' if place == 'from' else 'to it'}.",
            )
    oids = {role.oid for role in old}
    state = session.transaction.catalog
    for item in list(state.objects.values()):
        if item.owner_role in oids:
            state = _given(state, item, new.oid)
    database = state.roster.database
    if database.owner_role in oids:
        changed = replace(
            database, owner_role=new.oid, acl=with_owner(database.acl, database.owner_role, new.oid)
        )
        state = state.with_roster(state.roster.with_item(changed))
    session.transaction.define(state)
    return Done("REASSIGN OWNED")


def drop_owned(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.DropOwned)
    session.transaction.begin_defining()
    roles = [must_find_role(session, spec) for spec in statement.roles]
    for role in roles:
        if not session.roster.has_privileges_of(session.role, role.oid):
            raise InsufficientPrivilege(
                "permission denied to drop objects",
                detail=f'Only roles with privileges of role "{role.name}" may drop objects owned by it.',
            )
    oids = {role.oid for role in roles}
    _drop_objects(session, oids, cascade=statement.cascade)
    session.transaction.define(_without_mentions(session.transaction.catalog, oids))
    return Done("DROP OWNED")


def _drop_objects(session: Session, oids: set[int], *, cascade: bool) -> None:
    kinds = (View, Table, Sequence, Schema)
    for kind in kinds:
        for item in list(session.transaction.catalog.objects.values()):
            state = session.transaction.catalog
            if not isinstance(item, kind) or item.owner_role not in oids or item.oid not in state.objects:
                continue
            if isinstance(item, Table):
                remove_table(session, item, cascade=cascade)
            else:
                session.transaction.define(state.without(item.oid))


def _without_mentions(state: CatalogState, oids: set[int]) -> CatalogState:
    """Take the roles out of all privileges and policies."""
    for item in list(state.objects.values()):
        fresh = replace(item, acl=_less(item.acl, oids))
        if isinstance(fresh, Table | View):
            columns = tuple(replace(c, acl=_less(c.acl, oids) or None) for c in fresh.columns)
            fresh = replace(fresh, columns=columns)
        if isinstance(fresh, Table):
            policies = (
                replace(policy, roles=tuple(role for role in policy.roles if role not in oids))
                for policy in fresh.policies
            )
            fresh = replace(fresh, policies=tuple(policy for policy in policies if policy.roles))
        if fresh != item:
            state = state.with_object(fresh)
    roster = state.roster
    for each in list(roster.items.values()):
        if isinstance(each, DefaultAcl):
            acl = _less(each.acl, oids)
            gone = each.role in oids or not acl
            roster = roster.without(each.oid) if gone else roster.with_item(replace(each, acl=acl or ()))
        elif isinstance(each, DatabaseAccess):
            roster = roster.with_item(replace(each, acl=_less(each.acl, oids)))
        elif isinstance(each, Membership) and each.grantor in oids:
            roster = roster.without(each.oid)
    return state.with_roster(roster)


def _less(acl: Acl | None, oids: set[int]) -> tuple[AclItem, ...] | None:
    if acl is None:
        return None
    return tuple(item for item in acl if item.grantee not in oids and item.grantor not in oids)
