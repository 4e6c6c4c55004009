"""Dispatch: which parser reads a statement that starts with a word."""

from __future__ import annotations

from collections.abc import Callable

from ..statements import Statement
from .alter import parse_alter
from .copy import parse_copy
from .cursor import Cursor
from .drop import parse_drop
from .explain import parse_explain
from .extension import parse_create_extension
from .index import parse_create_index
from .lock import parse_lock
from .maintenance import parse_analyze, parse_checkpoint, parse_reindex, parse_vacuum
from .prepared import parse_deallocate, parse_execute, parse_prepare
from .query import parse_row_statement
from .schema import parse_create_schema
from .sequence import parse_create_sequence
from .server_cursor import parse_close, parse_declare, parse_fetch, parse_unlisten
from .settings import parse_discard, parse_reset, parse_set, parse_show
from .table import parse_create_table
from .transaction import (
    parse_begin,
    parse_commit,
    parse_release,
    parse_rollback,
    parse_savepoint,
    parse_start,
)
from .truncate import parse_truncate
from .unsupported import COMMANDS, refuse_command, refuse_object
from .view import parse_create_view


def _parse_create(cursor: Cursor) -> Statement:
    """Words in front of the kind (OR REPLACE, TEMPORARY, UNIQUE) are read by the kind's parser."""
    ahead = 1
    while cursor.word(ahead) in _BEFORE_KIND:
        ahead += 1
    parser = CREATE.get(cursor.word(ahead))
    if parser is None:
        raise refuse_object(cursor)
    cursor.index += 1
    return parser(cursor)


def _parse_alter(cursor: Cursor) -> Statement:
    start = cursor.index
    cursor.index += 1
    statement = parse_alter(cursor)
    if statement is None:
        cursor.index = start
        raise refuse_object(cursor)
    return statement


def _parse_drop(cursor: Cursor) -> Statement:
    start = cursor.index
    cursor.index += 1
    statement = parse_drop(cursor)
    if statement is None:
        cursor.index = start
        raise refuse_object(cursor)
    return statement


_BEFORE_KIND = frozenset(
    ("or", "replace", "temp", "temporary", "unlogged", "global", "local", "unique", "recursive")
)

CREATE: dict[str, Callable[[Cursor], Statement]] = {
    "extension": parse_create_extension,
    "index": parse_create_index,
    "schema": parse_create_schema,
    "sequence": parse_create_sequence,
    "table": parse_create_table,
    "view": parse_create_view,
}

PARSERS: dict[str, Callable[[Cursor], Statement]] = {
    "abort": parse_rollback,
    "alter": _parse_alter,
    "analyse": parse_analyze,
    "analyze": parse_analyze,
    "begin": parse_begin,
    "checkpoint": parse_checkpoint,
    "close": parse_close,
    "commit": parse_commit,
    "copy": parse_copy,
    "create": _parse_create,
    "deallocate": parse_deallocate,
    "declare": parse_declare,
    "delete": parse_row_statement,
    "discard": parse_discard,
    "drop": _parse_drop,
    "end": parse_commit,
    "execute": parse_execute,
    "explain": parse_explain,
    "fetch": parse_fetch,
    "insert": parse_row_statement,
    "lock": parse_lock,
    "move": parse_fetch,
    "prepare": parse_prepare,
    "reindex": parse_reindex,
    "release": parse_release,
    "reset": parse_reset,
    "rollback": parse_rollback,
    "savepoint": parse_savepoint,
    "select": parse_row_statement,
    "set": parse_set,
    "show": parse_show,
    "start": parse_start,
    "table": parse_row_statement,
    "truncate": parse_truncate,
    "unlisten": parse_unlisten,
    "update": parse_row_statement,
    "vacuum": parse_vacuum,
    "values": parse_row_statement,
    "with": parse_row_statement,
}


def parse_statement(cursor: Cursor) -> Statement:
    """One whole statement; whatever is left over behind it is a syntax error."""
    word = cursor.word()
    parser = parse_row_statement if cursor.at_sign("(") else PARSERS.get(word)
    if parser is None:
        raise refuse_command(cursor) if word in COMMANDS else cursor.error()
    statement = parser(cursor)
    cursor.must_end()
    return statement
