"""TRUNCATE."""

from __future__ import annotations

from ..statements import Name, Truncate
from .cursor import Cursor


def parse_truncate(cursor: Cursor) -> Truncate:
    cursor.expect("truncate")
    cursor.accept("table")
    names = cursor.list_of(lambda: relation(cursor))
    restart_identity = False
    if cursor.word() in ("restart", "continue"):
        restart_identity = cursor.expect_one_of("restart", "continue") == "restart"
        cursor.expect("identity")
    return Truncate(names, restart_identity, cursor.accept_one_of("cascade", "restrict") == "cascade")


def relation(cursor: Cursor) -> Name:
    cursor.accept("only")
    name = cursor.qualified_name()
    cursor.accept_sign("*")
    return name
