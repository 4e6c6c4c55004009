"""CREATE, ALTER, RENAME and DROP ROLE."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import (
    DependentObjectsStillExist,
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    Notice,
    ObjectInUse,
    ReservedName,
)
from sqlvec.core.outcome import Done
from sqlvec.core.role import BOOTSTRAP, PREDEFINED, Membership, Role, RoleSettings
from sqlvec.core.scram import verifier_to_store
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..role_lookup import must_find_role, timestamp_text
from ..session import Session
from ..values import ParameterValues
from .definitions import new_oid
from .role_dependents import dependents_of
from .role_membership import add_members

# Attributes that one must have oneself to give them, as the messages call them.
_GUARDED = {
    "is_superuser": "SUPERUSER",
    "can_create_databases": "CREATEDB",
    "is_replication": "REPLICATION",
    "bypasses_rls": "BYPASSRLS",
}
_PREDEFINED = {role.oid for role in PREDEFINED}


def create_role(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreateRole)
    state = session.transaction.begin_defining()
    creator = state.roster.role(session.role)
    name, options = statement.name.name, statement.options
    _must_be_free_to_create(session, options)
    _must_not_be_reserved(name)
    if state.roster.named(name) is not None:
        raise DuplicateObject(f'role "{name}" already exists')
    role = _with_options(session, Role(new_oid(session), name), options)
    session.transaction.define(state.with_roster(state.roster.with_item(role)))
    if creator is not None and not creator.is_superuser:
        # The creator administers what it made, which is how it may go on altering it.
        _define(session, Membership(new_oid(session), role.oid, creator.oid, BOOTSTRAP, True, False, False))
    for above in options.in_roles:
        add_members(session, must_find_role(session, above), [role], {})
    add_members(session, role, [must_find_role(session, each) for each in options.members], {})
    add_members(session, role, [must_find_role(session, each) for each in options.admins], {"admin": True})
    return Done("CREATE ROLE")


def _define(session: Session, item: Membership | Role) -> None:
    state = session.transaction.catalog
    session.transaction.define(state.with_roster(state.roster.with_item(item)))


def _must_be_free_to_create(session: Session, options: st.RoleOptions) -> None:
    roster = session.roster
    me = roster.role(session.role)
    if me is not None and me.is_superuser:
        return
    if me is None or not me.can_create_roles:
        raise InsufficientPrivilege(
            "permission denied to create role",
            detail="Only roles with the CREATEROLE attribute may create roles.",
        )
    for field, wanted in options.flags:
        if field in _GUARDED and wanted and not getattr(me, field):
            word = _GUARDED[field]
            raise InsufficientPrivilege(
                "permission denied to create role",
                detail=f"Only roles with the {word} attribute may create roles with the {word} attribute.",
            )


def _must_not_be_reserved(name: str) -> None:
    if name.startswith("pg_"):
        raise ReservedName(
            f'role name "{name}" is reserved', detail='Role names starting with "pg_" are reserved.'
        )


def _with_options(session: Session, role: Role, options: st.RoleOptions) -> Role:
    changes: dict[str, object] = dict(options.flags)
    if options.connection_limit is not None:
        changes["connection_limit"] = options.connection_limit
    if options.valid_until is not None:
        changes["valid_until"] = timestamp_text(session, options.valid_until)
    if options.password is not None:
        if options.password == "" and not options.is_password_null:
            session.notice(Notice("empty string is not a valid password, clearing password"))
        changes["verifier"] = verifier_to_store(options.password) if options.password else ""
    return replace(role, **changes)  # type: ignore[arg-type]


def alter_role(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.AlterRole)
    session.transaction.begin_defining()
    role = must_find_role(session, statement.role)
    if role.name.startswith("pg_"):
        _must_not_be_reserved(role.name)
    _must_be_free_to_alter(session, role, statement.options)
    if role.oid == BOOTSTRAP and ("is_superuser", False) in statement.options.flags:
        raise FeatureNotSupported(
            "permission denied to alter role",
            detail="The bootstrap superuser must have the SUPERUSER attribute.",
        )
    _define(session, _with_options(session, role, statement.options))
    return Done("ALTER ROLE")


def _must_be_free_to_alter(session: Session, role: Role, options: st.RoleOptions) -> None:
    roster = session.roster
    me = roster.role(session.role)
    if me is not None and me.is_superuser:
        return
    denied = "permission denied to alter role"
    if role.is_superuser or ("is_superuser", True) in options.flags:
        what = "alter roles with" if role.is_superuser else "change"
        raise InsufficientPrivilege(
            denied, detail=f"Only roles with the SUPERUSER attribute may {what} the SUPERUSER attribute."
        )
    if me is None or not me.can_create_roles or not roster.is_admin_of(me.oid, role.oid):
        own_password = (
            me is not None
            and me.oid == role.oid
            and options
            == st.RoleOptions(password=options.password, is_password_null=options.is_password_null)
        )
        if own_password:
            return
        raise InsufficientPrivilege(
            denied,
            detail=f'Only roles with the CREATEROLE attribute and the ADMIN option on role "{role.name}" '
            "may alter this role.",
        )
    for field, _ in options.flags:
        if field in _GUARDED and not getattr(me, field):
            word = _GUARDED[field]
            raise InsufficientPrivilege(
                denied, detail=f"Only roles with the {word} attribute may change the {word} attribute."
            )


def rename_role(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.RenameRole)
    session.transaction.begin_defining()
    role = must_find_role(session, st.RoleSpec(statement.name))
    for oid, word in zip(reversed(session.identity), ("session", "current"), strict=True):
        if role.oid == oid:
            raise FeatureNotSupported(f"{word} user cannot be renamed")
    _must_not_be_reserved(role.name)
    _must_not_be_reserved(statement.new)
    if session.roster.named(statement.new) is not None:
        raise DuplicateObject(f'role "{statement.new}" already exists')
    _must_administer(session, role, "rename", "rename")
    _define(session, replace(role, name=statement.new))
    return Done("ALTER ROLE")


def _must_administer(session: Session, role: Role, verb: str, what: str) -> None:
    roster = session.roster
    me = roster.role(session.role)
    if me is not None and me.is_superuser:
        return
    denied = f"permission denied to {verb} role"
    if role.is_superuser:
        raise InsufficientPrivilege(
            denied,
            detail=f"Only roles with the SUPERUSER attribute may {what} roles with the SUPERUSER attribute.",
        )
    if me is None or not me.can_create_roles or not roster.is_admin_of(me.oid, role.oid):
        raise InsufficientPrivilege(
            denied,
            detail=f'Only roles with the CREATEROLE attribute and the ADMIN option on role "{role.name}" '
            f"may {what} this role.",
        )


def drop_role(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.DropRole)
    session.transaction.begin_defining()
    me = session.roster.role(session.role)
    if me is None or not (me.is_superuser or me.can_create_roles):
        raise InsufficientPrivilege(
            "permission denied to drop role",
            detail="Only roles with the CREATEROLE attribute and the ADMIN option on the target roles "
            "may drop roles.",
        )
    for spec in statement.names:
        if spec.word is None and session.roster.named(spec.name) is None and statement.if_exists:
            session.notice(Notice(f'role "{spec.name}" does not exist, skipping'))
            continue
        _drop(session, must_find_role(session, spec))
    return Done("DROP ROLE")


def _drop(session: Session, role: Role) -> None:
    for oid, word in zip(session.identity, ("current", "session"), strict=True):
        if role.oid == oid:
            raise ObjectInUse(f"{word} user cannot be dropped")
    _must_administer(session, role, "drop", "drop")
    if role.oid in _PREDEFINED:
        raise DependentObjectsStillExist(
            f"cannot drop role {role.name} because it is required by the database system"
        )
    details = dependents_of(session.transaction.catalog, role.oid, session.store.name)
    if details:
        raise DependentObjectsStillExist(
            f'role "{role.name}" cannot be dropped because some objects depend on it',
            detail="\n".join(details),
        )
    state = session.transaction.catalog
    gone = [
        item.oid
        for item in state.roster.items.values()
        if (isinstance(item, Membership) and role.oid in (item.role, item.member))
        or (isinstance(item, RoleSettings) and item.role == role.oid)
    ]
    session.transaction.define(state.with_roster(state.roster.without(role.oid, *gone)))
