"""GRANT role TO role, and REVOKE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlvec.core.errors import (
    DependentObjectsStillExist,
    InsufficientPrivilege,
    InvalidGrantOperation,
    Notice,
    Severity,
)
from sqlvec.core.outcome import Done
from sqlvec.core.role import BOOTSTRAP, Membership, Role
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..role_lookup import must_find_role
from ..session import Session
from ..values import ParameterValues
from .definitions import new_oid

_FIELDS = {"admin": "is_admin", "inherit": "inherits", "set": "may_set"}


def grant_role(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.GrantRole)
    session.transaction.begin_defining()
    members = [must_find_role(session, each) for each in statement.members]
    grantor = must_find_role(session, statement.grantor) if statement.grantor is not None else None
    for name in statement.roles:
        role = must_find_role(session, st.RoleSpec(name))
        if statement.is_grant:
            add_members(session, role, members, dict(statement.options), grantor)
        else:
            _remove_members(session, role, members, statement, grantor)
    return Done("GRANT ROLE" if statement.is_grant else "REVOKE ROLE")


def _must_administer(session: Session, role: Role, verb: str) -> None:
    roster = session.roster
    if roster.is_superuser(session.role):
        return
    denied = f'permission denied to {verb} role "{role.name}"'
    if role.is_superuser:
        raise InsufficientPrivilege(
            denied,
            detail=f"Only roles with the SUPERUSER attribute may {verb} roles with the SUPERUSER attribute.",
        )
    if not roster.is_admin_of(session.role, role.oid):
        raise InsufficientPrivilege(
            denied, detail=f'Only roles with the ADMIN option on role "{role.name}" may {verb} this role.'
        )


def _grantor_of(session: Session, role: Role, named: Role | None) -> int:
    """Who stands behind a grant: a superuser's is the bootstrap role's, which cannot go away."""
    roster = session.roster
    if named is not None:
        if not roster.has_privileges_of(session.role, named.oid):
            raise InsufficientPrivilege(
                f'permission denied to grant privileges as role "{named.name}"',
                detail=f'Only roles with privileges of role "{named.name}" may grant privileges '
                "as this role.",
            )
        if named.oid != BOOTSTRAP and not any(
            each.role == role.oid and each.is_admin for each in roster.memberships_of(named.oid)
        ):
            raise InsufficientPrivilege(
                f'permission denied to grant privileges as role "{named.name}"',
                detail=f'The grantor must have the ADMIN option on role "{role.name}".',
            )
        return named.oid
    if roster.is_superuser(session.role):
        return BOOTSTRAP
    for oid in sorted(roster.privileges_of(session.role), key=lambda each: each != session.role):
        if any(each.role == role.oid and each.is_admin for each in roster.memberships_of(oid)):
            return oid
    return session.role


def add_members(
    session: Session,
    role: Role,
    members: Iterable[Role],
    options: Mapping[str, bool],
    grantor: Role | None = None,
) -> None:
    for member in members:
        _must_administer(session, role, "grant")
        roster = session.roster
        if role.oid in roster.member_of(member.oid) and role.oid == member.oid:
            raise InvalidGrantOperation(f'role "{role.name}" is a member of role "{member.name}"')
        if member.oid in roster.member_of(role.oid):
            raise InvalidGrantOperation(f'role "{role.name}" is a member of role "{member.name}"')
        by = _grantor_of(session, role, grantor)
        changes = {_FIELDS[name]: value for name, value in options.items()}
        old = _find(session, role.oid, member.oid, by)
        if old is None:
            fresh = Membership(new_oid(session), role.oid, member.oid, by, inherits=member.inherits)
            _define(session, replace(fresh, **changes))
        elif replace(old, **changes) == old:
            session.notice(
                Notice(
                    f'role "{member.name}" has already been granted membership in role "{role.name}" '
                    f'by role "{roster.name_of(by)}"'
                )
            )
        else:
            _define(session, replace(old, **changes))


def _find(session: Session, role: int, member: int, grantor: int) -> Membership | None:
    return next(
        (
            each
            for each in session.roster.memberships_of(member)
            if (each.role, each.grantor) == (role, grantor)
        ),
        None,
    )


def _define(session: Session, item: Membership) -> None:
    state = session.transaction.catalog
    session.transaction.define(state.with_roster(state.roster.with_item(item)))


def _remove_members(
    session: Session, role: Role, members: Iterable[Role], statement: st.GrantRole, grantor: Role | None
) -> None:
    for member in members:
        _must_administer(session, role, "revoke")
        by = _grantor_of(session, role, grantor)
        old = _find(session, role.oid, member.oid, by)
        if old is None:
            session.notice(
                Notice(
                    f'role "{member.name}" has not been granted membership in role "{role.name}" '
                    f'by role "{session.roster.name_of(by)}"',
                    severity=Severity.WARNING,
                    sqlstate="01000",
                )
            )
            continue
        changed = replace(old, **{_FIELDS[name]: value for name, value in statement.options})
        _withdraw(session, old, changed if statement.options else None, cascade=statement.cascade)


def _withdraw(session: Session, old: Membership, left: Membership | None, *, cascade: bool) -> None:
    """Take a membership or its option away, with what was granted on the strength of it."""
    dependents = []
    if old.is_admin and (left is None or not left.is_admin):
        others = [
            each
            for each in session.roster.memberships_of(old.member)
            if each.role == old.role and each.is_admin and each.oid != old.oid
        ]
        dependents = [
            each
            for each in session.roster.each(Membership)
            if each.role == old.role and each.grantor == old.member and not others
        ]
    if dependents and not cascade:
        raise DependentObjectsStillExist("dependent privileges exist", hint="Use CASCADE to revoke them too.")
    for each in dependents:
        _withdraw(session, each, None, cascade=True)
    state = session.transaction.catalog
    roster = state.roster.without(old.oid) if left is None else state.roster.with_item(left)
    session.transaction.define(state.with_roster(roster))
