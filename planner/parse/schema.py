"""CREATE SCHEMA."""

from __future__ import annotations

from ..statements import CreateSchema
from .cursor import Cursor


def parse_create_schema(cursor: Cursor) -> CreateSchema:
    """Behind CREATE: SCHEMA [IF NOT EXISTS] name."""
    cursor.expect("schema")
    if_not_exists = cursor.accept("if", "not", "exists")
    if cursor.at("authorization"):
        raise cursor.unsupported("AUTHORIZATION in CREATE SCHEMA")
    position = cursor.position
    name = cursor.name()
    if cursor.at("authorization"):
        raise cursor.unsupported("AUTHORIZATION in CREATE SCHEMA")
    if cursor.word() in ("create", "grant"):
        raise cursor.unsupported("CREATE SCHEMA with elements")
    return CreateSchema(name, if_not_exists, position)
