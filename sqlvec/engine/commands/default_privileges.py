"""ALTER DEFAULT PRIVILEGES."""

from __future__ import annotations

from sqlvec.core.acl import AclItem, default_acl, with_grant, without_grant
from sqlvec.core.errors import InsufficientPrivilege, InvalidGrantOperation, InvalidSchemaName
from sqlvec.core.outcome import Done
from sqlvec.core.role import DefaultAcl
from sqlvec.planner import statements as st

from ..new_objects import find_default
from ..prepared import Prepared
from ..role_lookup import grantees, must_find_role
from ..session import Session
from ..values import ParameterValues
from .definitions import new_oid
from .grant import letters_of

_KINDS = {"TABLE": "r", "SEQUENCE": "S", "SCHEMA": "n", "FUNCTION": "f", "TYPE": "T"}


def alter_default_privileges(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.AlterDefaultPrivileges)
    session.transaction.begin_defining()
    kind = _KINDS[statement.grant.kind]
    if kind == "n" and statement.schemas:
        raise InvalidGrantOperation("cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS")
    roles = [must_find_role(session, spec).oid for spec in statement.for_roles] or [session.role]
    for role in roles:
        if not session.roster.has_privileges_of(session.role, role):
            raise InsufficientPrivilege("permission denied to change default privileges")
        for schema in [_schema(session, name) for name in statement.schemas] or [0]:
            _alter(session, statement.grant, role, schema, kind)
    return Done("ALTER DEFAULT PRIVILEGES")


def _schema(session: Session, name: str) -> int:
    found = session.transaction.catalog.schema(name)
    if found is None:
        raise InvalidSchemaName(f'schema "{name}" does not exist')
    return found.oid


def _alter(session: Session, grant: st.Grant, role: int, schema: int, kind: str) -> None:
    state = session.transaction.catalog
    old = find_default(state, role, schema, kind)
    built_in = default_acl(kind, role) if schema == 0 else ()
    acl = old.acl if old is not None else built_in
    letters = letters_of(grant, kind)
    for grantee in grantees(session, grant.roles):
        if grant.is_grant:
            acl = with_grant(acl, grantee, role, letters, with_option=grant.with_option)
        else:
            gone = AclItem(grantee, role, letters)
            acl = without_grant(acl, role, gone, option_only=grant.with_option, cascade=grant.cascade)
    item = DefaultAcl(old.oid if old is not None else new_oid(session), role, schema, kind, acl)
    is_plain = set(acl) == set(built_in)
    roster = state.roster.without(item.oid) if is_plain else state.roster.with_item(item)
    session.transaction.define(state.with_roster(roster))
