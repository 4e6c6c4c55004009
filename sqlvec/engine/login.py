"""Login: what is asked of a role when it opens a session, and the settings that it starts with."""

from __future__ import annotations

from sqlvec.core.errors import (
    InsufficientPrivilege,
    InvalidAuthorizationSpecification,
    InvalidParameterValue,
    Notice,
    Severity,
    SqlError,
    TooManyConnections,
)
from sqlvec.core.role import Role, RoleSettings
from sqlvec.core.roster import Roster
from sqlvec.core.settings.session import SessionSettings
from sqlvec.storage.catalog import CatalogState
from sqlvec.storage.privileges import Privileges


def must_log_in(state: CatalogState, user: str, database: str, already: int) -> Role:
    """The role; 28000, 42501 or 53300 where it may not come in. `already` counts its sessions."""
    role = state.roster.named(user)
    if role is None:
        raise InvalidAuthorizationSpecification(f'role "{user}" does not exist', severity=Severity.FATAL)
    if not role.can_login:
        raise InvalidAuthorizationSpecification(
            f'role "{user}" is not permitted to log in', severity=Severity.FATAL
        )
    if role.is_superuser:
        return role
    if 0 <= role.connection_limit <= already:
        raise TooManyConnections(f'too many connections for role "{user}"', severity=Severity.FATAL)
    if not Privileges(state, role.oid).has(state.roster.database, "c"):
        raise InsufficientPrivilege(
            f'permission denied for database "{database}"',
            detail="User does not have CONNECT privilege.",
            severity=Severity.FATAL,
        )
    return role


def login_settings(
    server: SessionSettings, roster: Roster, role: Role, database: str
) -> tuple[SessionSettings, list[Notice]]:
    """The server's settings under those of everybody, the database, the role, and the role there."""
    settings = server.with_start("session_authorization", role.name)
    settings = settings.with_started("is_superuser", "on" if role.is_superuser else "off")
    notices: list[Notice] = []
    known = {(each.role, each.database): each.values for each in roster.each(RoleSettings)}
    for key in ((0, ""), (0, database), (role.oid, ""), (role.oid, database)):
        for name, value in known.get(key, ()):
            try:
                settings = _checked(settings, roster, role, name, value)
            except SqlError as error:
                notices.append(Notice(error.message, severity=Severity.WARNING, sqlstate=error.sqlstate))
    return settings, notices


def _checked(settings: SessionSettings, roster: Roster, role: Role, name: str, value: str) -> SessionSettings:
    if name == "session_authorization":
        return settings
    if name == "role":
        must_be_settable(roster, role, value)
    return settings.with_start(name, value)


def must_be_settable(roster: Roster, role: Role, wanted: str) -> None:
    """A role that the session shall start as."""
    if wanted == "none":
        return
    found = roster.named(wanted)
    if found is None:
        raise InvalidParameterValue(f'role "{wanted}" does not exist')
    if not roster.may_set(role.oid, found.oid):
        raise InsufficientPrivilege(f'permission denied to set role "{wanted}"')


def check_start(settings: SessionSettings, roster: Roster, role: Role) -> SessionSettings:
    """What the start-up packet may have said about whom the session acts as."""
    if settings.get("session_authorization") != role.name:
        raise InsufficientPrivilege("permission denied to set session authorization", severity=Severity.FATAL)
    name = settings.get("role")
    must_be_settable(roster, role, name)
    current = role if name == "none" else roster.named(name)
    is_superuser = current is not None and current.is_superuser
    return settings.with_started("is_superuser", "on" if is_superuser else "off")
