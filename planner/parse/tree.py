"""Trees: sqlglot's parser, fenced in.

Three things are added: the words it would wrongly accept are refused (grammar.py), its errors become
PostgreSQL's with the place of the offending lexeme, and it may only make the trees that were asked for.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ErrorLevel, ParseError
from sqlglot.tokenizer_core import Token, TokenType

from sqlvec.core.errors import SqlError
from sqlvec.core.stack_depth import too_deep

from ..statements import Expression
from .cursor import Cursor
from .grammar import check
from .lexeme import syntax_error
from .plain_calls import mark_plain_calls
from .tokens import to_tokens
from .unsupported_syntax import find_unsupported

_DIALECT = Postgres()

# What sqlglot says when the lexeme it points at may well be fine, but something is missing behind it.
_MISSING_AT_END = ("Required keyword", "Expect", "No closing", "Failed")
# What it says when a function that it knows has too few or too many arguments.
_WRONG_CALL = ("Required keyword", "The number of provided arguments")
# How its builders of known functions fail over arguments they did not expect.
_CRASHES = (AttributeError, IndexError, TypeError, ValueError)


def parse_statement(cursor: Cursor) -> exp.Expression:
    """The rest of the statement as sqlglot reads a whole statement."""
    return _parse(cursor.rest(), None)


def parse_scalar(part: Cursor) -> Expression:
    """A whole part as one scalar expression, together with its text."""
    return Expression(_parse(part, exp.Condition), part.text)


def _parse(part: Cursor, into: type[exp.Condition] | None) -> exp.Expression:
    check(part)
    tokens = to_tokens(part.lexemes)
    mark_plain_calls(tokens)
    with _translated(part):
        try:
            trees = _run(part, tokens, into)
        except (ParseError, *_CRASHES) as error:
            if isinstance(error, ParseError) and not _describe(error).startswith(_WRONG_CALL):
                raise
            # A function that sqlglot knows may have other arguments here. Which functions there are, and with
            # which arguments, is not the grammar's business: read them all as unknown ones.
            for token in tokens:
                if token.token_type is TokenType.R_PAREN:
                    token.comments = [exp.SQLGLOT_ANONYMOUS]
            trees = _run(part, tokens, into)
    return _only(trees, part)


def _run(part: Cursor, tokens: list[Token], into: type[exp.Condition] | None) -> list[exp.Expr | None]:
    parser = _DIALECT.parser(error_level=ErrorLevel.IMMEDIATE)
    if into is None:
        return parser.parse(tokens, part.sql)
    return parser.parse_into(into, tokens, part.sql)


def _only(trees: list[exp.Expr | None], part: Cursor) -> exp.Expression:
    tree = trees[0] if trees else None
    if not isinstance(tree, exp.Expression) or isinstance(tree, exp.Command):
        part.index = 0 if len(part.lexemes) > 1 else 1  # a lone VALUES or TABLE ended too early
        raise part.error()
    return tree


class _Silence(threading.local, logging.Filter):
    """Drops what sqlglot logs for this parser's sake; the application's own use of sqlglot is not touched."""

    is_on = False

    def filter(self, record: logging.LogRecord) -> bool:
        return not self.is_on


_silence = _Silence()
logging.getLogger("sqlglot").addFilter(_silence)


@contextmanager
def _translated(part: Cursor) -> Iterator[None]:
    _silence.is_on = True
    try:
        yield
    except ParseError as error:
        raise _syntax_error(part, error) from error
    except RecursionError as error:
        raise too_deep() from error
    except _CRASHES as error:
        part.index = 0
        raise part.error() from error
    finally:
        _silence.is_on = False


def _describe(error: ParseError) -> str:
    return str(error.errors[0].get("description") or "") if error.errors else ""


def _syntax_error(part: Cursor, error: ParseError) -> SqlError:
    """Sqlglot points at the lexeme where it stopped, or at the last one where the text ended too early."""
    index = error.errors[0].get("col") if error.errors else None
    if not isinstance(index, int) or not 0 <= index < len(part.lexemes):
        index = len(part.lexemes)
    is_last = index == len(part.lexemes) - 1
    if is_last and _describe(error).startswith(_MISSING_AT_END):
        index += 1
    part.index = index
    return find_unsupported(part) or syntax_error(part.sql, part.current or part.end)
