"""Transactions: BEGIN to ROLLBACK TO SAVEPOINT, and SET TRANSACTION."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

from ..statements import (
    Begin,
    Commit,
    ReleaseSavepoint,
    Rollback,
    RollbackTo,
    Savepoint,
    SetConstraints,
    Statement,
    TransactionModes,
)
from .cursor import Cursor

Isolation: TypeAlias = Literal["read uncommitted", "read committed", "repeatable read", "serializable"]

_FIRST_WORDS = ("isolation", "read", "deferrable", "not")


def parse_begin(cursor: Cursor) -> Begin:
    cursor.expect("begin")
    _noise(cursor)
    return Begin(parse_modes(cursor, required=False), "BEGIN")


def parse_start(cursor: Cursor) -> Begin:
    cursor.expect("start", "transaction")
    return Begin(parse_modes(cursor, required=False), "START TRANSACTION")


def parse_commit(cursor: Cursor) -> Statement:
    """COMMIT and END."""
    is_commit = cursor.expect_one_of("commit", "end") == "commit"
    if is_commit and cursor.at("prepared"):
        cursor.index = 0
        raise cursor.unsupported("COMMIT PREPARED")
    _noise(cursor)
    return Commit(_chain(cursor))


def parse_rollback(cursor: Cursor) -> Statement:
    """ROLLBACK and ABORT, ROLLBACK TO."""
    is_rollback = cursor.expect_one_of("rollback", "abort") == "rollback"
    if is_rollback and cursor.at("prepared"):
        cursor.index = 0
        raise cursor.unsupported("ROLLBACK PREPARED")
    _noise(cursor)
    if is_rollback and cursor.accept("to"):
        return RollbackTo(_savepoint_name(cursor))
    return Rollback(_chain(cursor))


def parse_savepoint(cursor: Cursor) -> Savepoint:
    cursor.expect("savepoint")
    return Savepoint(cursor.name())


def parse_release(cursor: Cursor) -> ReleaseSavepoint:
    cursor.expect("release")
    return ReleaseSavepoint(_savepoint_name(cursor))


def _savepoint_name(cursor: Cursor) -> str:
    if cursor.at("savepoint") and len(cursor.lexemes) > cursor.index + 1:
        cursor.index += 1
    return cursor.name()


def parse_modes(cursor: Cursor, *, required: bool = True) -> TransactionModes:
    """Modes, with or without commas between them."""
    modes = TransactionModes()
    if required and cursor.word() not in _FIRST_WORDS:
        raise cursor.error()
    while cursor.word() in _FIRST_WORDS:
        modes = _mode(cursor, modes)
        if cursor.accept_sign(",") and cursor.word() not in _FIRST_WORDS:
            raise cursor.error()
    return modes


def parse_set_constraints(cursor: Cursor) -> SetConstraints:
    """Behind SET: CONSTRAINTS ALL | names DEFERRED | IMMEDIATE"""
    cursor.expect("constraints")
    names = () if cursor.accept("all") else cursor.list_of(cursor.qualified_name)
    return SetConstraints(names, cursor.expect_one_of("deferred", "immediate") == "deferred")


def _mode(cursor: Cursor, modes: TransactionModes) -> TransactionModes:
    if cursor.accept("isolation"):
        cursor.expect("level")
        return replace(modes, isolation=_isolation(cursor))
    if cursor.accept("read"):
        return replace(modes, read_only=cursor.expect_one_of("only", "write") == "only")
    if cursor.accept("not"):
        cursor.expect("deferrable")
        return replace(modes, deferrable=False)
    cursor.expect("deferrable")
    return replace(modes, deferrable=True)


def _isolation(cursor: Cursor) -> Isolation:
    if cursor.accept("serializable"):
        return "serializable"
    if cursor.accept("repeatable"):
        cursor.expect("read")
        return "repeatable read"
    cursor.expect("read")
    return (
        "read committed"
        if cursor.expect_one_of("committed", "uncommitted") == "committed"
        else "read uncommitted"
    )


def _noise(cursor: Cursor) -> None:
    cursor.accept_one_of("work", "transaction")


def _chain(cursor: Cursor) -> bool:
    if not cursor.accept("and"):
        return False
    chain = not cursor.accept("no")
    cursor.expect("chain")
    return chain
