"""Queries: SELECT, VALUES, TABLE, WITH and the statements that change rows."""

from __future__ import annotations

from typing import Literal

from sqlglot import exp

from sqlvec.core.errors import FeatureNotSupported

from ..statements import CreateTableAs, Delete, Insert, Name, Query, Update
from .cursor import Cursor
from .lexeme import Kind
from .tree import parse_statement

RowStatement = Query | Insert | Update | Delete

# What sqlglot reads for other databases, by tree: PostgreSQL has only these parts.
_INSERT_PARTS = frozenset(("this", "expression", "conflict", "returning", "with_", "default"))
_UPDATE_PARTS = frozenset(("this", "expressions", "from_", "where", "returning", "with_"))
_DELETE_PARTS = frozenset(("this", "using", "where", "returning", "with_"))


def parse_row_statement(cursor: Cursor) -> RowStatement | CreateTableAs:
    """Any statement sqlglot reads; its tree tells which, for WITH may stand in front of all."""
    start = cursor.index
    if cursor.at("insert") and not cursor.at("insert", "into"):
        cursor.index += 1
        raise cursor.error()
    if cursor.at("delete") and not cursor.at("delete", "from"):
        cursor.index += 1
        raise cursor.error()
    if cursor.at_sign("("):
        _check_opening(cursor)
    overriding = _take_overriding(cursor) if cursor.word() in ("insert", "with") else None
    tree = parse_statement(cursor)
    if isinstance(tree, exp.Insert):
        _refuse_foreign(cursor, tree, _INSERT_PARTS, start)
        if not tree.args.get("expression") and not tree.args.get("default"):
            raise cursor.error()
        return Insert(tree, overriding)
    if isinstance(tree, exp.Update):
        _refuse_foreign(cursor, tree, _UPDATE_PARTS, start)
        if not tree.expressions or not all(isinstance(item, exp.EQ) for item in tree.expressions):
            raise cursor.error()
        return Update(tree)
    if isinstance(tree, exp.Delete):
        _refuse_foreign(cursor, tree, _DELETE_PARTS, start)
        return Delete(tree)
    if isinstance(tree, exp.Merge):
        cursor.index = start
        raise cursor.unsupported("MERGE")
    if not isinstance(tree, exp.Query | exp.Values):
        cursor.index = start if len(cursor.lexemes) > 1 else 1  # a lone VALUES ended too early
        raise cursor.error()
    return _query_or_into(tree)


def _take_overriding(cursor: Cursor) -> Literal["SYSTEM", "USER"] | None:
    """Take OVERRIDING SYSTEM | USER VALUE out of an INSERT: sqlglot has no place for it."""
    lexemes = cursor.lexemes
    for index in range(cursor.index, len(lexemes) - 2):
        if cursor.word() == "insert" and lexemes[index].value == "values":
            break  # a batch of rows may be long
        if lexemes[index].value == "overriding" and lexemes[index].kind is Kind.WORD:
            which, value = lexemes[index + 1].value, lexemes[index + 2].value
            if which in ("system", "user") and value == "value":
                cursor.lexemes = lexemes[:index] + lexemes[index + 3 :]
                return "SYSTEM" if which == "system" else "USER"
    return None


def _check_opening(cursor: Cursor) -> None:
    """Behind opening brackets a query must start: `(1)` is none."""
    start = cursor.index
    while cursor.accept_sign("("):
        pass
    if cursor.word() not in ("select", "values", "table", "with"):
        raise cursor.error()
    cursor.index = start


def parse_query(cursor: Cursor) -> Query:
    """A query and nothing else, as in a view."""
    start = cursor.index
    statement = parse_row_statement(cursor)
    if isinstance(statement, Query):
        return statement
    cursor.index = start
    if isinstance(statement, CreateTableAs):
        raise FeatureNotSupported("SELECT INTO is not allowed here", position=cursor.position)
    raise cursor.error()


def _refuse_foreign(cursor: Cursor, tree: exp.Expression, parts: frozenset[str], start: int) -> None:
    if any(value for name, value in tree.args.items() if name not in parts):
        cursor.index = start + 1
        raise cursor.error()


def _query_or_into(tree: exp.Expression) -> Query | CreateTableAs:
    into = tree.args.get("into")
    if not into:
        return Query(tree)
    tree.set("into", None)
    table = into.this
    identifier = table.this
    schema = table.args.get("db")
    start = (schema or identifier).meta.get("start", -1)
    name = Name(schema.name if schema else None, identifier.name, start + 1)
    return CreateTableAs(name, Query(tree), temporary=bool(into.args.get("temporary")))
