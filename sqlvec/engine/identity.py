"""Identity: who a session acts as: SET ROLE, SET SESSION AUTHORIZATION, and what they may be set to.

Both are settings, so that ROLLBACK and SET LOCAL mean what they mean for all others.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sqlvec.core.errors import InsufficientPrivilege, InvalidParameterValue
from sqlvec.core.role import Role
from sqlvec.core.roster import Roster
from sqlvec.core.settings.session import SessionSettings

NOBODY = -1  # a role that was dropped meanwhile: it owns nothing and has no privileges
IDENTITY_SETTINGS = ("role", "session_authorization")
_NO_ROLE = "none"


class Identity(NamedTuple):
    """OIDs: the current role, and the session's, which SET ROLE NONE goes back to."""

    current: int
    session: int


class Acting(Protocol):
    """A session, as far as its identity is concerned."""

    @property
    def authenticated(self) -> int: ...

    @property
    def roster(self) -> Roster: ...

    settings: SessionSettings


def identity_of(settings: SessionSettings, roster: Roster, authenticated: int) -> Identity:
    """What the settings say; the role that logged in is known by its OID, as it may have been renamed."""
    session = authenticated
    if "session_authorization" in settings.values or "session_authorization" in settings.local:
        session = _oid(roster, settings.get("session_authorization"))
    name = settings.get("role")
    return Identity(session if name == _NO_ROLE else _oid(roster, name), session)


def _oid(roster: Roster, name: str) -> int:
    found = roster.named(name)
    return NOBODY if found is None else found.oid


def is_identity(name: str) -> bool:
    return name.lower() in IDENTITY_SETTINGS


def with_identity(
    session: Acting, name: str, value: str | None, *, is_local: bool = False
) -> SessionSettings:
    """SET of one of the two; None is DEFAULT. Raises 42501 for a role that the session may not be."""
    if name.lower() == "role":
        settings = _with_role(session, value, is_local=is_local)
    else:
        settings = _with_authorization(session, value, is_local=is_local)
    current = identity_of(settings, session.roster, session.authenticated).current
    shown = "on" if session.roster.is_superuser(current) else "off"
    return settings.with_derived("is_superuser", shown, is_local=is_local)


def _with_role(session: Acting, value: str | None, *, is_local: bool) -> SessionSettings:
    settings = session.settings
    wanted = settings.start.get("role", _NO_ROLE) if value is None else value
    if wanted != _NO_ROLE:
        who = identity_of(settings, session.roster, session.authenticated).session
        role = _must_find(session.roster, wanted)
        if not session.roster.may_set(who, role.oid):
            raise InsufficientPrivilege(f'permission denied to set role "{wanted}"')
    return settings.with_local("role", wanted) if is_local else settings.with_value("role", wanted)


def _with_authorization(session: Acting, value: str | None, *, is_local: bool) -> SessionSettings:
    settings, roster = session.settings, session.roster
    if value is None:
        settings = settings.reset("session_authorization")
    else:
        role = _must_find(roster, value)
        if role.oid != session.authenticated and not roster.is_superuser(session.authenticated):
            raise InsufficientPrivilege(f'permission denied to set session authorization "{value}"')
        change = settings.with_local if is_local else settings.with_value
        settings = change("session_authorization", value)
    return settings.with_local("role", _NO_ROLE) if is_local else settings.with_value("role", _NO_ROLE)


def _must_find(roster: Roster, name: str) -> Role:
    found = roster.named(name)
    if found is None:
        raise InvalidParameterValue(f'role "{name}" does not exist')
    return found
