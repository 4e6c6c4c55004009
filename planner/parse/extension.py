"""CREATE EXTENSION."""

from __future__ import annotations

from ..statements import CreateExtension
from .cursor import Cursor
from .lexeme import Kind

_SCHEMAS = ("public", "pg_catalog")  # where everything an extension brings already is


def parse_create_extension(cursor: Cursor) -> CreateExtension:
    """Behind CREATE: EXTENSION [IF NOT EXISTS] name [WITH] [SCHEMA s] [VERSION v] [CASCADE]."""
    cursor.expect("extension")
    if_not_exists = cursor.accept("if", "not", "exists")
    position = cursor.position
    name = cursor.name()
    cursor.accept("with")
    while word := cursor.word():
        if word == "schema":
            cursor.index += 1
            if cursor.name() not in _SCHEMAS:
                cursor.index -= 1
                raise cursor.unsupported("CREATE EXTENSION in another schema than public")
        elif word == "version":
            cursor.index += 1
            if not cursor.at_kind(Kind.STRING):
                cursor.non_reserved()
            raise cursor.unsupported("CREATE EXTENSION VERSION")
        else:
            cursor.expect("cascade")
    return CreateExtension(name, if_not_exists, position)
