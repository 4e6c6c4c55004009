"""Prepared statements by SQL: PREPARE, EXECUTE, DEALLOCATE."""

from __future__ import annotations

from ..statements import Deallocate, Execute, Prepare
from .cursor import Cursor
from .query import parse_row_statement
from .tree import parse_scalar
from .type_name import parse_type

_PREPARABLE = ("select", "values", "table", "with", "insert", "update", "delete", "merge")


def parse_prepare(cursor: Cursor) -> Prepare:
    """PREPARE name [(types)] AS statement."""
    cursor.expect("prepare")
    if cursor.at("transaction"):
        cursor.index = 0
        raise cursor.unsupported("PREPARE TRANSACTION")
    name = cursor.name()
    types = cursor.in_parentheses(lambda: parse_type(cursor)) if cursor.at_sign("(") else ()
    cursor.expect("as")
    if cursor.word() not in _PREPARABLE and not cursor.at_sign("("):
        raise cursor.error()
    body = cursor.rest()
    parse_row_statement(body)  # a wrong statement must fail here, not at EXECUTE
    return Prepare(name, types, body.text)


def parse_execute(cursor: Cursor) -> Execute:
    cursor.expect("execute")
    name = cursor.name()
    if not cursor.at_sign("("):
        return Execute(name)
    return Execute(
        name, cursor.in_parentheses(lambda: parse_scalar(cursor.until(lambda: cursor.at_sign(","))))
    )


def parse_deallocate(cursor: Cursor) -> Deallocate:
    cursor.expect("deallocate")
    if cursor.at("prepare") and len(cursor.lexemes) > cursor.index + 1:
        cursor.index += 1
    return Deallocate(None if cursor.accept("all") else cursor.name())
