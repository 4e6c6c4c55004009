"""Cursors of SQL: DECLARE, FETCH, MOVE, CLOSE; and UNLISTEN, which resets sessions along with CLOSE."""

from __future__ import annotations

from ..statements import CloseCursor, DeclareCursor, Fetch, Unlisten
from .cursor import Cursor
from .lexeme import Kind
from .query import parse_query


def parse_declare(cursor: Cursor) -> DeclareCursor:
    """DECLARE name [INSENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query."""
    cursor.expect("declare")
    name = cursor.name()
    is_scrollable = False
    while not cursor.accept("cursor"):
        if cursor.at("binary"):
            raise cursor.unsupported("BINARY CURSOR")
        if cursor.accept("scroll"):
            is_scrollable = True
        elif not cursor.accept("no", "scroll"):
            cursor.expect_one_of("insensitive", "asensitive")
    is_held = cursor.accept("with", "hold")
    cursor.accept("without", "hold")
    cursor.expect("for")
    return DeclareCursor(name, parse_query(cursor).tree, is_scrollable, is_held)


def parse_fetch(cursor: Cursor) -> Fetch:
    """FETCH | MOVE [direction] [FROM | IN] name."""
    is_move = cursor.expect_one_of("fetch", "move") == "move"
    direction, count = _motion(cursor)
    cursor.accept_one_of("from", "in")
    return Fetch(cursor.name(), direction, count, is_move)


_WORDS = {
    "next": ("forward", 1),
    "prior": ("backward", 1),
    "first": ("absolute", 1),
    "last": ("absolute", -1),
}


def _motion(cursor: Cursor) -> tuple[str, int | None]:
    if _names_the_cursor(cursor):
        return "forward", 1
    word = cursor.accept_one_of(*_WORDS)
    if word:
        return _WORDS[word]
    placed = cursor.accept_one_of("absolute", "relative")
    if placed:
        return placed, cursor.integer()
    direction = cursor.accept_one_of("forward", "backward") or "forward"
    if cursor.accept("all"):
        return direction, None
    return direction, cursor.integer() if _is_number(cursor) else 1


def _names_the_cursor(cursor: Cursor) -> bool:
    """FETCH next: a cursor may have a direction's name."""
    return len(cursor.lexemes) == cursor.index + 1


def _is_number(cursor: Cursor) -> bool:
    return cursor.at_kind(Kind.NUMBER) or cursor.at_sign("-") or cursor.at_sign("+")


def parse_close(cursor: Cursor) -> CloseCursor:
    cursor.expect("close")
    return CloseCursor(None if cursor.accept("all") else cursor.name())


def parse_unlisten(cursor: Cursor) -> Unlisten:
    cursor.expect("unlisten")
    return Unlisten(None if cursor.accept_sign("*") else cursor.name())
