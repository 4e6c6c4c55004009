"""Role look-up: the roles that a statement names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlvec.core.acl import PUBLIC
from sqlvec.core.errors import UndefinedObject
from sqlvec.core.login_role import LoginRole
from sqlvec.core.role import Role
from sqlvec.core.roster import Roster
from sqlvec.core.types.registry import type_by_name
from sqlvec.planner import statements as st

from .session import Session


def must_find_role(session: Session, spec: st.RoleSpec) -> Role:
    """Raises 42704."""
    roster = session.transaction.catalog.roster
    if spec.word is not None:
        identity = session.identity
        found = roster.role(identity.current if spec.word == "current_user" else identity.session)
    else:
        found = roster.named(spec.name)
    if found is None:
        raise UndefinedObject(f'role "{spec.name}" does not exist')
    return found


def grantees(session: Session, specs: Iterable[st.RoleSpec]) -> list[int]:
    """OIDs, PUBLIC among them."""
    return [PUBLIC if spec.word == "public" else must_find_role(session, spec).oid for spec in specs]


def timestamp_text(session: Session, text: str) -> str:
    """VALID UNTIL's text as ISO 8601 with its offset, or 'infinity'."""
    if text.strip().lower() == "infinity":
        return "infinity"
    kind = type_by_name("timestamptz")
    assert kind is not None
    with session.zone():
        moment: datetime = kind.text.decode([text.encode()])[0].as_py()
    return moment.astimezone(UTC).isoformat()


def login_role(roster: Roster, name: str) -> LoginRole | None:
    """A role as logging in sees it."""
    role = roster.named(name)
    if role is None:
        return None
    limited = role.valid_until is not None and role.valid_until != "infinity"
    return LoginRole(
        name,
        role.verifier or None,
        role.can_login,
        role.is_superuser,
        role.connection_limit,
        datetime.fromisoformat(role.valid_until) if limited and role.valid_until is not None else None,
    )
