"""CREATE VIEW."""

from __future__ import annotations

from ..statements import CreateView
from .cursor import Cursor
from .query import parse_query
from .view_options import parse_view_options

_CHECK_OPTIONS = (
    ("with", "check", "option"),
    ("with", "local", "check", "option"),
    ("with", "cascaded", "check", "option"),
)


def parse_create_view(cursor: Cursor) -> CreateView:
    """Behind CREATE: [OR REPLACE] VIEW name [(columns)] AS query."""
    or_replace = cursor.accept("or", "replace")
    if cursor.word() in ("temp", "temporary", "local", "global"):
        raise cursor.unsupported("CREATE TEMPORARY VIEW")
    if cursor.at("recursive"):
        raise cursor.unsupported("CREATE RECURSIVE VIEW")
    cursor.expect("view")
    name = cursor.qualified_name()
    columns = cursor.names() if cursor.at_sign("(") else ()
    options = parse_view_options(cursor) if cursor.accept("with") else ()
    cursor.expect("as")
    body = cursor.rest()
    for words in _CHECK_OPTIONS:
        body.index = max(0, len(body.lexemes) - len(words))
        if body.at(*words):
            raise body.unsupported("WITH CHECK OPTION")
    body.index = 0
    given = tuple((key, value) for key, value in options if value is not None)
    return CreateView(name, parse_query(body), body.text, columns, or_replace, given)
