"""The parser: SQL text in, statements out."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import SqlError

from ..statements import ParsedStatement, Prepare, Query
from .cursor import Cursor
from .dispatch import parse_statement
from .lexeme import syntax_error
from .query import parse_query as _parse_query
from .scan import Scanner, count_parameters
from .tree import parse_scalar

__all__ = ["parse", "parse_expression", "parse_query"]


def parse(sql: str) -> list[ParsedStatement]:
    """Every statement of the text, or SqlError; a text without any gives none.

    Like PostgreSQL, all are parsed before one is run, and the first error in the text is the one told.
    """
    scanner = Scanner(sql)
    parsed: list[ParsedStatement] = []
    for lexemes, end in scanner.statements():
        try:
            statement = parse_statement(Cursor(sql, lexemes, end))
        except SqlError as error:
            if scanner.error is not None and not _is_earlier(error, scanner.error):
                break
            raise
        start = lexemes[0].start
        count = count_parameters(lexemes)
        # The $n of a prepared statement are its own.
        count = 0 if isinstance(statement, Prepare) else count
        parsed.append(ParsedStatement(statement, sql[start : lexemes[-1].end], start, count))
    if scanner.error is not None:
        raise scanner.error
    return parsed


def parse_expression(sql: str) -> exp.Expression:
    """A scalar expression alone, such as a stored default."""
    return parse_scalar(_whole(sql)).tree


def parse_query(sql: str) -> Query:
    """A query alone, such as a view's."""
    return _parse_query(_whole(sql))


def _is_earlier(error: SqlError, scan_error: SqlError) -> bool:
    """A wrong word in front of an unterminated string is told first."""
    return (error.position or 0) < (scan_error.position or 0)


def _whole(sql: str) -> Cursor:
    scanner = Scanner(sql)
    if scanner.error is not None:
        raise scanner.error
    parts = list(scanner.statements())
    if not parts:
        raise syntax_error(sql, None)
    lexemes, end = parts[0]
    if len(parts) > 1:
        raise syntax_error(sql, end)
    return Cursor(sql, lexemes, end)
