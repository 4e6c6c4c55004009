"""Roles: pg_authid and the views of it, pg_roles and pg_user."""

from __future__ import annotations

from collections.abc import Iterator

from ..context import CatalogContext, Role
from ..oids import DATABASE_OWNER
from ..relation import Row

# PostgreSQL's own roles; \du leaves pg_* out. Only those that something here refers to.
_PREDEFINED = (Role(DATABASE_OWNER, "pg_database_owner", can_login=False),)
_HIDDEN = "********"


def authids(context: CatalogContext) -> Iterator[Row]:
    for role in (*context.roles, *_PREDEFINED):
        yield {"oid": role.oid} | _attributes(role)


def roles(context: CatalogContext) -> Iterator[Row]:
    for role in (*context.roles, *_PREDEFINED):
        yield {"oid": role.oid, "rolpassword": _HIDDEN} | _attributes(role)


def users(context: CatalogContext) -> Iterator[Row]:
    for role in context.roles:
        if role.can_login:
            yield {
                "usename": role.name,
                "usesysid": role.oid,
                "usecreatedb": role.can_create_databases,
                "usesuper": role.is_superuser,
                "userepl": role.is_superuser,
                "usebypassrls": role.is_superuser,
                "passwd": _HIDDEN,
            }


def _attributes(role: Role) -> dict[str, object]:
    return {
        "rolname": role.name,
        "rolsuper": role.is_superuser,
        "rolinherit": True,
        "rolcreaterole": role.can_create_roles,
        "rolcreatedb": role.can_create_databases,
        "rolcanlogin": role.can_login,
        "rolreplication": role.is_superuser,
        "rolbypassrls": role.is_superuser,
        "rolconnlimit": -1,
    }
