"""CREATE, ALTER and DROP POLICY."""

from __future__ import annotations

from typing import Literal, cast

from sqlvec.core.errors import SqlSyntaxError

from ..statements import AlterPolicy, CreatePolicy, DropPolicy, Expression, RoleSpec
from .cursor import Cursor
from .role_spec import parse_roles
from .tree import parse_scalar

_Command = Literal["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]


def parse_create_policy(cursor: Cursor) -> CreatePolicy:
    """Behind CREATE."""
    cursor.expect("policy")
    name = cursor.name()
    cursor.expect("on")
    table = cursor.qualified_name()
    is_permissive = True
    if cursor.accept("as"):
        position = cursor.position
        kind = cursor.name()
        if kind not in ("permissive", "restrictive"):
            raise SqlSyntaxError(
                f'unrecognized row security option "{kind}"',
                hint="Only PERMISSIVE or RESTRICTIVE policies are supported currently.",
                position=position,
            )
        is_permissive = kind == "permissive"
    command: _Command = "ALL"
    if cursor.accept("for"):
        word = cursor.expect_one_of("all", "select", "insert", "update", "delete")
        command = cast("_Command", word.upper())
    roles, using, check = _tail(cursor)
    return CreatePolicy(name, table, is_permissive, command, roles or (), using, check)


def _tail(cursor: Cursor) -> tuple[tuple[RoleSpec, ...] | None, Expression | None, Expression | None]:
    roles = parse_roles(cursor, allow_public=True) if cursor.accept("to") else None
    using = parse_scalar(cursor.parenthesised()) if cursor.accept("using") else None
    check = parse_scalar(cursor.parenthesised()) if cursor.accept("with", "check") else None
    return roles, using, check


def parse_alter_policy(cursor: Cursor) -> AlterPolicy:
    """Behind ALTER."""
    cursor.expect("policy")
    name = cursor.name()
    cursor.expect("on")
    table = cursor.qualified_name()
    if cursor.accept("rename", "to"):
        return AlterPolicy(name, table, new_name=cursor.name())
    roles, using, check = _tail(cursor)
    return AlterPolicy(name, table, roles, using, check)


def parse_drop_policy(cursor: Cursor) -> DropPolicy:
    """Behind DROP."""
    cursor.expect("policy")
    if_exists = cursor.accept("if", "exists")
    name = cursor.name()
    cursor.expect("on")
    table = cursor.qualified_name()
    cursor.accept_one_of("cascade", "restrict")
    return DropPolicy(name, table, if_exists)
