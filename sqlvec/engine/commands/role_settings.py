"""ALTER ROLE ... SET, ALTER DATABASE ... SET, and the owner of the database."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.acl import with_owner
from sqlvec.core.errors import InsufficientPrivilege, InvalidCatalogName
from sqlvec.core.outcome import Done
from sqlvec.core.role import RoleSettings
from sqlvec.core.settings.session import SessionSettings
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..role_lookup import must_find_role
from ..session import Session
from ..values import ParameterValues
from .definitions import new_oid


def alter_settings(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.AlterRoleSettings)
    session.transaction.begin_defining()
    database = statement.database or ""
    if database:
        _must_be_here(session, database)
    role = must_find_role(session, statement.role).oid if statement.role is not None else 0
    _must_be_free(session, statement, role)
    roster = session.roster
    old = next(
        (each for each in roster.each(RoleSettings) if (each.role, each.database) == (role, database)), None
    )
    found = dict(old.values) if old is not None else {}
    if statement.setting is None:
        found = {}
    elif statement.setting.value is None:
        found.pop(statement.setting.name.lower(), None)
    else:
        checked = SessionSettings().with_start(statement.setting.name, statement.setting.value)
        found |= checked.start
    item = RoleSettings(
        old.oid if old is not None else new_oid(session), role, database, tuple(found.items())
    )
    changed = roster.with_item(item) if found else roster.without(item.oid)
    session.transaction.define(session.transaction.catalog.with_roster(changed))
    return Done("ALTER DATABASE" if statement.is_of_database else "ALTER ROLE")


def _must_be_here(session: Session, database: str) -> None:
    if database != session.store.name:
        raise InvalidCatalogName(f'database "{database}" does not exist')


def _must_be_free(session: Session, statement: st.AlterRoleSettings, role: int) -> None:
    roster = session.roster
    me = roster.role(session.role)
    if me is not None and me.is_superuser:
        return
    if statement.is_of_database:
        if not roster.has_privileges_of(session.role, roster.database.owner_role):
            raise InsufficientPrivilege(f"must be owner of database {statement.database}")
        return
    denied = "permission denied to alter setting" if role == 0 else "permission denied to alter role"
    if role == 0:
        raise InsufficientPrivilege(
            denied, detail="Only roles with the SUPERUSER attribute may alter settings globally."
        )
    if role == session.role:
        return
    if roster.is_superuser(role):
        raise InsufficientPrivilege(
            denied,
            detail="Only roles with the SUPERUSER attribute may alter roles with the SUPERUSER attribute.",
        )
    if me is None or not me.can_create_roles or not roster.is_admin_of(me.oid, role):
        raise InsufficientPrivilege(
            denied,
            detail="Only roles with the CREATEROLE attribute and the ADMIN option on role "
            f'"{roster.name_of(role)}" may alter this role.',
        )


def alter_database_owner(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.AlterDatabaseOwner)
    session.transaction.begin_defining()
    _must_be_here(session, statement.database)
    new = must_find_role(session, statement.owner)
    roster = session.roster
    database = roster.database
    if not roster.has_privileges_of(session.role, database.owner_role):
        raise InsufficientPrivilege(f"must be owner of database {statement.database}")
    me = roster.role(session.role)
    if not roster.may_set(session.role, new.oid):
        raise InsufficientPrivilege(f'must be able to SET ROLE "{new.name}"')
    if me is None or not (me.is_superuser or me.can_create_databases):
        raise InsufficientPrivilege("permission denied to change owner of database")
    acl = with_owner(database.acl, database.owner_role, new.oid)
    changed = roster.with_item(replace(database, owner_role=new.oid, acl=acl))
    session.transaction.define(session.transaction.catalog.with_roster(changed))
    return Done("ALTER DATABASE")
