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
from .grant import (
    parse_default_privileges,
    parse_drop_owned,
    parse_grant,
    parse_reassign,
    parse_revoke,
)
from .index import parse_create_index
from .lock import parse_lock
from .maintenance import parse_analyze, parse_checkpoint, parse_reindex, parse_vacuum
from .policy import parse_alter_policy, parse_create_policy, parse_drop_policy
from .prepared import parse_deallocate, parse_execute, parse_prepare
from .query import parse_row_statement
from .role import parse_alter_database, parse_alter_role, parse_create_role, parse_drop_role
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
    if parser is None or cursor.at("create", "user", "mapping"):
        raise refuse_object(cursor)
    cursor.index += 1
    return parser(cursor)


def _parse_alter(cursor: Cursor) -> Statement:
    start = cursor.index
    cursor.index += 1
    parser = ALTER.get(cursor.word())
    if parser is not None and not (cursor.at("user", "mapping")):
        return parser(cursor)
    statement = parse_alter(cursor)
    if statement is None:
        cursor.index = start
        raise refuse_object(cursor)
    return statement


def _parse_drop(cursor: Cursor) -> Statement:
    start = cursor.index
    cursor.index += 1
    parser = DROP.get(cursor.word())
    if parser is not None and not (cursor.at("user", "mapping")):
        return parser(cursor)
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
    "group": parse_create_role,
    "index": parse_create_index,
    "policy": parse_create_policy,
    "role": parse_create_role,
    "schema": parse_create_schema,
    "sequence": parse_create_sequence,
    "table": parse_create_table,
    "user": parse_create_role,
    "view": parse_create_view,
}

# Kinds whose ALTER and DROP are statements of their own.
ALTER: dict[str, Callable[[Cursor], Statement]] = {
    "database": parse_alter_database,
    "default": parse_default_privileges,
    "group": parse_alter_role,
    "policy": parse_alter_policy,
    "role": parse_alter_role,
    "user": parse_alter_role,
}
DROP: dict[str, Callable[[Cursor], Statement]] = {
    "group": parse_drop_role,
    "owned": parse_drop_owned,
    "policy": parse_drop_policy,
    "role": parse_drop_role,
    "user": parse_drop_role,
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
    "grant": parse_grant,
    "insert": parse_row_statement,
    "lock": parse_lock,
    "move": parse_fetch,
    "prepare": parse_prepare,
    "reassign": parse_reassign,
    "reindex": parse_reindex,
    "release": parse_release,
    "reset": parse_reset,
    "revoke": parse_revoke,
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
