"""CREATE INDEX."""

from __future__ import annotations

from ..statements import CreateIndex, Expression, IndexColumn
from .cursor import Cursor
from .lexeme import Kind
from .tree import parse_scalar


def parse_create_index(cursor: Cursor) -> CreateIndex:
    """Behind CREATE: [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON [ONLY] table ..."""
    unique = cursor.accept("unique")
    cursor.expect("index")
    concurrently = cursor.accept("concurrently")
    if_not_exists = cursor.accept("if", "not", "exists")
    name = None if cursor.at("on") and not if_not_exists else cursor.name()
    cursor.expect("on")
    cursor.accept("only")
    table = cursor.qualified_name()
    method, method_position = "btree", 0
    if cursor.accept("using"):
        method_position = cursor.position
        method = cursor.name()
    columns = cursor.in_parentheses(lambda: _key(cursor))
    include = cursor.names() if cursor.accept("include") else ()
    nulls_not_distinct = cursor.accept("nulls", "not", "distinct")
    if not nulls_not_distinct:
        cursor.accept("nulls", "distinct")
    options = parse_storage_options(cursor) if cursor.accept("with") else ()
    if cursor.at("tablespace"):
        raise cursor.unsupported("TABLESPACE")
    where = parse_scalar(cursor.rest()) if cursor.accept("where") else None
    cursor.must_end()
    return CreateIndex(
        table, columns, name, method, unique, concurrently, if_not_exists, include, options, where,
        method_position, nulls_not_distinct,
    )  # fmt: skip


def _key(cursor: Cursor) -> IndexColumn:
    """Column | function(...) | (expression), then [COLLATE c] [opclass] [ASC | DESC] [NULLS FIRST | LAST]"""
    position = cursor.position
    column: str | None = None
    expression: Expression | None = None
    if cursor.at_sign("("):
        expression = parse_scalar(cursor.parenthesised())
    elif cursor.at_sign("(", 1) or (cursor.at_sign(".", 1) and cursor.at_sign("(", 3)):
        expression = parse_scalar(_function_call(cursor))
    else:
        column = cursor.name()
    if cursor.accept("collate"):
        cursor.index -= 1
        raise cursor.unsupported("COLLATE in CREATE INDEX")
    opclass = None
    if cursor.at_kind(Kind.QUOTED) or cursor.word() not in ("", "asc", "desc", "nulls"):
        opclass = cursor.qualified_name().name
        if cursor.at_sign("("):
            raise cursor.unsupported("operator class parameters")
    descending = cursor.accept_one_of("asc", "desc") == "desc"
    nulls_first = None
    if cursor.accept("nulls"):
        nulls_first = cursor.expect_one_of("first", "last") == "first"
    return IndexColumn(column, expression, opclass, descending, nulls_first, position)


def _function_call(cursor: Cursor) -> Cursor:
    start = cursor.index
    cursor.index += 3 if cursor.at_sign(".", 1) else 1
    cursor.parenthesised()
    return cursor.slice_from(start)


def parse_storage_options(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    """( name [= value], ... ); a name alone is true."""
    return cursor.in_parentheses(lambda: _option(cursor))


def _option(cursor: Cursor) -> tuple[str, str]:
    name = cursor.any_name()
    while cursor.accept_sign("."):
        name += "." + cursor.any_name()
    return name, _option_value(cursor) if cursor.accept_sign("=") else "true"


def _option_value(cursor: Cursor) -> str:
    if cursor.at_kind(Kind.STRING):
        return cursor.string()
    if cursor.at_kind(Kind.WORD) or cursor.at_kind(Kind.QUOTED):
        return cursor.any_name()
    return cursor.number()
