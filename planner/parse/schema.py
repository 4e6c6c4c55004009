"""CREATE SCHEMA."""

from __future__ import annotations

from ..statements import CreateSchema
from .cursor import Cursor
from .role_spec import parse_role


def parse_create_schema(cursor: Cursor) -> CreateSchema:
    """Behind CREATE: SCHEMA [IF NOT EXISTS] [name] [AUTHORIZATION role]; no name is the role's."""
    cursor.expect("schema")
    if_not_exists = cursor.accept("if", "not", "exists")
    position = cursor.position
    name = "" if cursor.at("authorization") else cursor.name()
    owner = parse_role(cursor) if cursor.accept("authorization") else None
    if cursor.word() in ("create", "grant"):
        raise cursor.unsupported("CREATE SCHEMA with elements")
    return CreateSchema(name, if_not_exists, position, owner)
