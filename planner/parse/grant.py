"""GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, REASSIGN OWNED, DROP OWNED."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..statements import (
    AlterDefaultPrivileges,
    DropOwned,
    Grant,
    GrantRole,
    Name,
    Privilege,
    ReassignOwned,
    RoleSpec,
    Statement,
)
from .cursor import Cursor
from .role_spec import parse_role, parse_roles

# What GRANT can be about here, longest first; the rest of PostgreSQL's kinds are refused by name.
_KINDS = ("table", "sequence", "schema", "database", "function", "procedure", "routine", "language", "type")
_REFUSED = ("domain", "foreign", "large", "parameter", "tablespace")
_PLURALS = {
    "tables": "TABLE",
    "sequences": "SEQUENCE",
    "functions": "FUNCTION",
    "procedures": "FUNCTION",
    "routines": "FUNCTION",
    "types": "TYPE",
    "schemas": "SCHEMA",
}
_OPTIONS = ("admin", "inherit", "set")


@dataclass(frozen=True, slots=True)
class _Item:
    """A word in front of ON or TO: a privilege, or a role's name."""

    name: str
    columns: tuple[str, ...] = ()


def parse_grant(cursor: Cursor) -> Statement:
    cursor.expect("grant")
    items = cursor.list_of(lambda: _item(cursor))
    if cursor.at("on"):
        grant = _on_objects(cursor, items)
        cursor.expect("to")
        return _grant_tail(cursor, grant)
    cursor.expect("to")
    members = parse_roles(cursor)
    options: tuple[tuple[str, bool], ...] = ()
    if cursor.accept("with"):
        options = cursor.list_of(lambda: _membership_option(cursor))
    grantor = parse_role(cursor) if cursor.accept("granted", "by") else None
    return GrantRole(tuple(item.name for item in items), members, True, options, grantor)


def parse_revoke(cursor: Cursor) -> Statement:
    cursor.expect("revoke")
    option_for = cursor.accept("grant", "option", "for")
    options: tuple[tuple[str, bool], ...] = ()
    for name in _OPTIONS:
        if not option_for and cursor.accept(name, "option", "for"):
            options = ((name, False),)
    items = cursor.list_of(lambda: _item(cursor))
    if cursor.at("on"):
        grant = replace(_on_objects(cursor, items), is_grant=False, with_option=option_for)
        cursor.expect("from")
        return _revoke_tail(cursor, grant)
    cursor.expect("from")
    members = parse_roles(cursor)
    grantor = parse_role(cursor) if cursor.accept("granted", "by") else None
    cascade = cursor.accept_one_of("cascade", "restrict") == "cascade"
    return GrantRole(tuple(item.name for item in items), members, False, options, grantor, cascade)


def _item(cursor: Cursor) -> _Item:
    """SELECT, ALL PRIVILEGES, ALTER SYSTEM, a role; perhaps with columns."""
    if cursor.accept("all"):
        cursor.accept("privileges")
        name = "all"
    elif cursor.accept("alter", "system"):
        name = "alter system"
    else:
        name = cursor.accept_one_of("select", "references", "create") or cursor.non_reserved()
    return _Item(name, cursor.names() if cursor.at_sign("(") else ())


def _on_objects(cursor: Cursor, items: tuple[_Item, ...]) -> Grant:
    cursor.expect("on")
    privileges = tuple(Privilege(item.name, item.columns) for item in items)
    if cursor.accept("all"):
        kind = _PLURALS[
            cursor.expect_one_of(*(word for word in _PLURALS if word not in ("types", "schemas")))
        ]
        cursor.expect("in", "schema")
        names = cursor.list_of(lambda: _plain(cursor))
        return Grant(privileges, kind, names, (), in_schemas=True)
    if cursor.word() in _REFUSED and cursor.word(1) not in ("to", "from", ""):
        raise cursor.unsupported(f"GRANT ON {cursor.word().upper()}")
    kind = cursor.accept_one_of(*_KINDS) if cursor.word(1) not in ("to", "from") else ""
    kind = kind or "table"
    if kind in ("schema", "database", "language"):
        names = cursor.list_of(lambda: _plain(cursor))
    elif kind in ("function", "procedure", "routine"):
        names, kind = cursor.list_of(lambda: _function(cursor)), "function"
    else:
        names = cursor.list_of(cursor.qualified_name)
    return Grant(privileges, kind.upper(), names, ())


def _plain(cursor: Cursor) -> Name:
    position = cursor.position
    return Name(None, cursor.name(), position)


def _function(cursor: Cursor) -> Name:
    name = cursor.qualified_name()
    if cursor.at_sign("("):
        cursor.parenthesised()
    return name


def _grant_tail(cursor: Cursor, grant: Grant) -> Grant:
    """Behind TO."""
    roles = _grantees(cursor)
    with_option = cursor.accept("with", "grant", "option")
    grantor = parse_role(cursor) if cursor.accept("granted", "by") else None
    return replace(grant, roles=roles, with_option=with_option, grantor=grantor)


def _revoke_tail(cursor: Cursor, grant: Grant) -> Grant:
    """Behind FROM."""
    roles = _grantees(cursor)
    grantor = parse_role(cursor) if cursor.accept("granted", "by") else None
    cascade = cursor.accept_one_of("cascade", "restrict") == "cascade"
    return replace(grant, roles=roles, grantor=grantor, cascade=cascade)


def _grantees(cursor: Cursor) -> tuple[RoleSpec, ...]:
    def one() -> RoleSpec:
        if cursor.at("group") and not cursor.at_sign(",", 1):
            cursor.index += 1
        return parse_role(cursor, allow_public=True)

    return cursor.list_of(one)


def _membership_option(cursor: Cursor) -> tuple[str, bool]:
    name = cursor.expect_one_of(*_OPTIONS)
    if cursor.accept("option"):
        return name, True
    return name, cursor.expect_one_of("true", "false") == "true"


def parse_default_privileges(cursor: Cursor) -> AlterDefaultPrivileges:
    """Behind ALTER, at DEFAULT PRIVILEGES."""
    cursor.expect("default", "privileges")
    roles: tuple[RoleSpec, ...] = ()
    schemas: tuple[str, ...] = ()
    while cursor.word() in ("for", "in"):
        if cursor.accept("in", "schema"):
            schemas = cursor.list_of(cursor.name)
        else:
            cursor.expect("for")
            cursor.expect_one_of("role", "user")
            roles = parse_roles(cursor)
    is_grant = cursor.expect_one_of("grant", "revoke") == "grant"
    option_for = not is_grant and cursor.accept("grant", "option", "for")
    items = cursor.list_of(lambda: _item(cursor))
    cursor.expect("on")
    kind = _PLURALS[cursor.expect_one_of(*_PLURALS)]
    privileges = tuple(Privilege(item.name, item.columns) for item in items)
    cursor.expect("to" if is_grant else "from")
    grant = Grant(privileges, kind, (), (), is_grant, with_option=option_for)
    grant = _grant_tail(cursor, grant) if is_grant else _revoke_tail(cursor, grant)
    return AlterDefaultPrivileges(grant, roles, schemas)


def parse_reassign(cursor: Cursor) -> ReassignOwned:
    cursor.expect("reassign", "owned", "by")
    roles = parse_roles(cursor)
    cursor.expect("to")
    return ReassignOwned(roles, parse_role(cursor))


def parse_drop_owned(cursor: Cursor) -> DropOwned:
    """Behind DROP, at OWNED."""
    cursor.expect("owned", "by")
    roles = parse_roles(cursor)
    return DropOwned(roles, cursor.accept_one_of("cascade", "restrict") == "cascade")
