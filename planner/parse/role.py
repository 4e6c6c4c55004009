"""CREATE, ALTER and DROP ROLE | USER | GROUP, and ALTER DATABASE."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import FeatureNotSupported, ReservedName, SqlSyntaxError

from ..statements import (
    AlterDatabaseOwner,
    AlterRole,
    AlterRoleSettings,
    CreateRole,
    DropRole,
    GrantRole,
    RenameRole,
    RoleOptions,
    RoleSpec,
    SetSetting,
    Statement,
)
from .cursor import Cursor
from .role_spec import parse_role, parse_roles
from .settings import parse_reset, parse_set

# Words with a NO before them for the contrary, and the field of Role that they set.
_FLAGS = {
    "superuser": "is_superuser",
    "createdb": "can_create_databases",
    "createrole": "can_create_roles",
    "inherit": "inherits",
    "login": "can_login",
    "replication": "is_replication",
    "bypassrls": "bypasses_rls",
}


def parse_create_role(cursor: Cursor) -> CreateRole:
    """Behind CREATE."""
    is_user = cursor.expect_one_of("role", "user", "group") == "user"
    position = cursor.position
    name = parse_role(cursor)
    if name.word is not None:
        raise ReservedName(f"{name.word.upper()} cannot be used as a role name here", position=position)
    cursor.accept("with")
    options = _options(cursor, is_create=True)
    if is_user and "can_login" not in dict(options.flags):
        options = replace(options, flags=(*options.flags, ("can_login", True)))
    return CreateRole(name, options)


def _options(cursor: Cursor, *, is_create: bool) -> RoleOptions:
    options = RoleOptions()
    seen: set[str] = set()
    while cursor.current is not None:
        start = cursor.index
        position = cursor.position
        key, options = _option(cursor, options, is_create=is_create)
        if cursor.index == start:
            raise cursor.error()
        if key in seen:
            raise SqlSyntaxError("conflicting or redundant options", position=position)
        seen.add(key)
    return options


def _option(cursor: Cursor, options: RoleOptions, *, is_create: bool) -> tuple[str, RoleOptions]:
    word = cursor.word()
    flag = _FLAGS.get(word) or (_FLAGS.get(word[2:]) if word.startswith("no") else None)
    if flag is not None:
        cursor.index += 1
        return flag, replace(options, flags=(*options.flags, (flag, word in _FLAGS)))
    if cursor.accept("connection", "limit"):
        return "limit", replace(options, connection_limit=cursor.integer())
    if cursor.accept("valid", "until"):
        return "valid", replace(options, valid_until=cursor.string())
    if cursor.at("unencrypted"):
        raise FeatureNotSupported(
            "UNENCRYPTED PASSWORD is no longer supported",
            hint="Remove UNENCRYPTED to store the password in encrypted form instead.",
            position=cursor.position,
        )
    cursor.accept("encrypted")
    if cursor.accept("password"):
        if cursor.accept("null"):
            return "password", replace(options, password="", is_password_null=True)
        return "password", replace(options, password=cursor.string())
    return _member_option(cursor, options) if is_create else ("", options)


def _member_option(cursor: Cursor, options: RoleOptions) -> tuple[str, RoleOptions]:
    if cursor.accept("sysid"):
        cursor.integer()
        return "sysid", options
    if cursor.accept("in", "role") or cursor.accept("in", "group"):
        return "in", replace(options, in_roles=parse_roles(cursor))
    if cursor.accept("role") or cursor.accept("user"):
        return "role", replace(options, members=parse_roles(cursor))
    if cursor.accept("admin"):
        return "admin", replace(options, admins=parse_roles(cursor))
    return "", options


def parse_alter_role(cursor: Cursor) -> Statement:
    """Behind ALTER, at ROLE, USER or GROUP."""
    kind = cursor.expect_one_of("role", "user", "group")
    if kind != "group" and cursor.accept("all"):
        return _role_settings(cursor, None)
    role = parse_role(cursor)
    if cursor.accept("rename", "to"):
        return RenameRole(role.name, parse_role(cursor).name)
    if kind == "group":
        is_grant = cursor.expect_one_of("add", "drop") == "add"
        cursor.expect("user")
        return GrantRole((role.name,), parse_roles(cursor), is_grant)
    if cursor.word() in ("in", "set", "reset"):
        return _role_settings(cursor, role)
    cursor.accept("with")
    return AlterRole(role, _options(cursor, is_create=False))


def _role_settings(cursor: Cursor, role: RoleSpec | None) -> AlterRoleSettings:
    database = cursor.name() if cursor.accept("in", "database") else None
    return AlterRoleSettings(role, database, _setting(cursor))


def _setting(cursor: Cursor) -> SetSetting | None:
    """SET name = value; RESET name is a SET without a value, RESET ALL is None."""
    if cursor.at("reset"):
        reset = parse_reset(cursor)
        return None if reset.name is None else SetSetting(reset.name, None)
    found = parse_set(cursor)
    if not isinstance(found, SetSetting) or found.is_local:
        raise cursor.error()
    return found


def parse_alter_database(cursor: Cursor) -> Statement:
    """Behind ALTER, at DATABASE."""
    cursor.expect("database")
    name = cursor.name()
    if cursor.accept("owner", "to"):
        return AlterDatabaseOwner(name, parse_role(cursor))
    if cursor.word() in ("set", "reset") and not cursor.at("set", "tablespace"):
        return AlterRoleSettings(None, name, _setting(cursor), is_of_database=True)
    raise cursor.unsupported("ALTER DATABASE with this action")


def parse_drop_role(cursor: Cursor) -> DropRole:
    """Behind DROP."""
    cursor.expect_one_of("role", "user", "group")
    if_exists = cursor.accept("if", "exists")
    return DropRole(parse_roles(cursor), if_exists)
