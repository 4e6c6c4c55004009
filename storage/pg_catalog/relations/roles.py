"""Roles: pg_authid, pg_auth_members, pg_db_role_setting, and the views pg_roles and pg_user."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlvec.core.role import Membership, Role, RoleSettings

from ..context import CatalogContext
from ..oids import database_oid
from ..relation import Row

_HIDDEN = "********"


def _all(context: CatalogContext) -> list[Role]:
    return sorted(context.state.roster.each(Role), key=lambda role: role.oid)


def authids(context: CatalogContext) -> Iterator[Row]:
    """Passwords are in it, as verifiers: authority.CLOSED keeps everybody but superusers out."""
    for role in _all(context):
        yield {"oid": role.oid, "rolpassword": role.verifier or None} | _attributes(role)


def roles(context: CatalogContext) -> Iterator[Row]:
    for role in _all(context):
        settings = _settings(context, role.oid)
        yield {"oid": role.oid, "rolpassword": _HIDDEN, "rolconfig": settings} | _attributes(role)


def users(context: CatalogContext) -> Iterator[Row]:
    for role in _all(context):
        if role.can_login:
            yield {
                "usename": role.name,
                "usesysid": role.oid,
                "usecreatedb": role.can_create_databases,
                "usesuper": role.is_superuser,
                "userepl": role.is_replication,
                "usebypassrls": role.bypasses_rls,
                "passwd": _HIDDEN,
                "valuntil": _moment(role),
                "useconfig": _settings(context, role.oid),
            }


def members(context: CatalogContext) -> Iterator[Row]:
    for each in context.state.roster.each(Membership):
        yield {
            "roleid": each.role,
            "member": each.member,
            "grantor": each.grantor,
            "admin_option": each.is_admin,
        }


def settings(context: CatalogContext) -> Iterator[Row]:
    for each in context.state.roster.each(RoleSettings):
        yield {
            "setdatabase": database_oid(each.database) if each.database else 0,
            "setrole": each.role,
            "setconfig": [f"{name}={value}" for name, value in each.values],
        }


def _settings(context: CatalogContext, role: int) -> list[str] | None:
    found = next(
        (s for s in context.state.roster.each(RoleSettings) if (s.role, s.database) == (role, "")), None
    )
    return None if found is None else [f"{name}={value}" for name, value in found.values]


def _moment(role: Role) -> datetime | None:
    if role.valid_until is None or role.valid_until == "infinity":
        return None
    return datetime.fromisoformat(role.valid_until)


def _attributes(role: Role) -> dict[str, object]:
    return {
        "rolname": role.name,
        "rolsuper": role.is_superuser,
        "rolinherit": role.inherits,
        "rolcreaterole": role.can_create_roles,
        "rolcreatedb": role.can_create_databases,
        "rolcanlogin": role.can_login,
        "rolreplication": role.is_replication,
        "rolbypassrls": role.bypasses_rls,
        "rolconnlimit": role.connection_limit,
        "rolvaliduntil": _moment(role),
    }
