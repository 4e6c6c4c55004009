"""Cursors of SQL: DECLARE, FETCH, MOVE, CLOSE; and UNLISTEN, which resets sessions along with CLOSE."""

from __future__ import annotations

from sqlvec.core.errors import ObjectNotInPrerequisiteState

from ..statements import CloseCursor, DeclareCursor, Fetch, Unlisten
from .cursor import Cursor
from .lexeme import Kind
from .query import parse_query


def parse_declare(cursor: Cursor) -> DeclareCursor:
    """DECLARE name [INSENSITIVE] [NO SCROLL] CURSOR [WITHOUT HOLD] FOR query."""
    cursor.expect("declare")
    name = cursor.name()
    while not cursor.accept("cursor"):
        if cursor.at("binary") or cursor.at("scroll"):
            raise cursor.unsupported(f"{cursor.word().upper()} CURSOR")
        if not cursor.accept("no", "scroll"):
            cursor.expect_one_of("insensitive", "asensitive")
    if cursor.at("with", "hold"):
        raise cursor.unsupported("CURSOR WITH HOLD")
    cursor.accept("without", "hold")
    cursor.expect("for")
    return DeclareCursor(name, parse_query(cursor).tree)


def parse_fetch(cursor: Cursor) -> Fetch:
    """FETCH | MOVE [NEXT | FORWARD [n | ALL] | RELATIVE n | n | ALL] [FROM | IN] name."""
    is_move = cursor.expect_one_of("fetch", "move") == "move"
    count = _count(cursor)
    if count is not None and count < 0:
        raise _only_forward()
    cursor.accept_one_of("from", "in")
    return Fetch(cursor.name(), count, is_move)


def _count(cursor: Cursor) -> int | None:
    if _names_the_cursor(cursor):
        return 1
    if cursor.accept("next"):
        return 1
    if cursor.accept_one_of("backward", "prior", "first", "last", "absolute"):
        raise _only_forward()
    is_relative = cursor.accept("relative")
    if not is_relative and cursor.accept("forward") and not _is_number(cursor) and not cursor.at("all"):
        return 1
    if not is_relative and cursor.accept("all"):
        return None
    return cursor.integer() if is_relative or _is_number(cursor) else 1


def _names_the_cursor(cursor: Cursor) -> bool:
    """FETCH next: a cursor may have a direction's name."""
    return len(cursor.lexemes) == cursor.index + 1


def _is_number(cursor: Cursor) -> bool:
    return cursor.at_kind(Kind.NUMBER) or cursor.at_sign("-") or cursor.at_sign("+")


def _only_forward() -> ObjectNotInPrerequisiteState:
    return ObjectNotInPrerequisiteState(
        "cursor can only scan forward", hint="Declare it with SCROLL option to enable backward scan."
    )


def parse_close(cursor: Cursor) -> CloseCursor:
    cursor.expect("close")
    return CloseCursor(None if cursor.accept("all") else cursor.name())


def parse_unlisten(cursor: Cursor) -> Unlisten:
    cursor.expect("unlisten")
    return Unlisten(None if cursor.accept_sign("*") else cursor.name())
