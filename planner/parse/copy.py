"""COPY, with the options of today and those of before version 9.0."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlvec.core.errors import InvalidParameterValue, SqlSyntaxError

from ..statements import Copy, CopyOptions, CreateTableAs
from .cursor import Cursor
from .option_list import Option, parse_options
from .query import parse_row_statement
from .tree import parse_scalar

_COLUMN_LISTS = ("force_quote", "force_not_null", "force_null")
_TEXTS = ("delimiter", "null", "quote", "escape", "encoding")


def parse_copy(cursor: Cursor) -> Copy:
    cursor.expect("copy")
    if cursor.at_sign("("):
        return _copy_query(cursor)
    old: tuple[Option, ...] = ()
    if cursor.at("binary") and not (cursor.word(1) in ("from", "to") or cursor.at_sign("(", 1)):
        old = (Option("format", "binary", cursor.position),)
        cursor.index += 1
    table = cursor.qualified_name()
    columns = cursor.names() if cursor.at_sign("(") else ()
    direction = cursor.expect_one_of("from", "to")
    file = _file(cursor)
    if cursor.accept("using") or cursor.at("delimiters"):
        cursor.expect("delimiters")
        old = (*old, Option("delimiter", cursor.string(), cursor.position))
    options = _options(cursor, old)
    where = None
    if cursor.at("where"):
        if direction == "to":
            raise SqlSyntaxError("WHERE clause not allowed with COPY TO", position=cursor.position)
        cursor.index += 1
        where = parse_scalar(cursor.rest())
    cursor.must_end()
    return Copy("from" if direction == "from" else "to", table, None, columns, options, where, file)


def _copy_query(cursor: Cursor) -> Copy:
    position = cursor.position + 1
    statement = parse_row_statement(cursor.parenthesised())
    if isinstance(statement, CreateTableAs):
        raise SqlSyntaxError("COPY (SELECT INTO) is not supported", position=position)
    cursor.expect("to")
    file = _file(cursor)
    options = _options(cursor, ())
    cursor.must_end()
    return Copy("to", None, statement, (), options, None, file)


def _file(cursor: Cursor) -> str | None:
    """None is the client's connection; both words mean it, whatever the direction."""
    if cursor.accept_one_of("stdin", "stdout"):
        return None
    if cursor.accept("program"):
        return "PROGRAM " + cursor.string()
    return cursor.string()


def _options(cursor: Cursor, options: tuple[Option, ...]) -> CopyOptions:
    cursor.accept("with")
    if cursor.at_sign("("):
        options += parse_options(cursor)
    else:
        while (option := _old_option(cursor)) is not None:
            options += (option,)
    seen: set[str] = set()
    result = CopyOptions()
    for option in options:
        if option.name in seen:
            raise SqlSyntaxError("conflicting or redundant options", position=option.position)
        seen.add(option.name)
        result = _with_option(result, option)
    return result


def _old_option(cursor: Cursor) -> Option | None:
    """One of WITH CSV HEADER DELIMITER AS ',' FORCE NOT NULL a, b."""
    position = cursor.position
    word = cursor.accept_one_of(
        "binary", "csv", "header", "freeze", "delimiter", "null", "quote", "escape", "encoding", "force"
    )
    if not word:
        return None
    if word in ("binary", "csv"):
        return Option("format", word, position)
    if word in ("header", "freeze"):
        return Option(word, None, position)
    if word == "force":
        return _old_force(cursor, position)
    if word != "encoding":
        cursor.accept("as")
    return Option(word, cursor.string(), position)


def _old_force(cursor: Cursor, position: int) -> Option:
    if cursor.accept("quote"):
        name = "force_quote"
        if cursor.accept_sign("*"):
            return Option(name, "*", position)
    elif cursor.accept("not", "null"):
        name = "force_not_null"
    else:
        cursor.expect("null")
        name = "force_null"
    return Option(name, cursor.list_of(cursor.name), position)


def _with_option(options: CopyOptions, option: Option) -> CopyOptions:
    name = option.name
    if name == "format":
        match option.text():
            case "text":
                return options
            case "csv":
                return replace(options, format="csv")
            case "binary":
                return replace(options, format="binary")
            case unknown:
                raise InvalidParameterValue(
                    f'COPY format "{unknown}" not recognized', position=option.position
                )
    if name == "header":
        is_match = isinstance(option.value, str) and option.value.lower() == "match"
        return replace(options, header="match" if is_match else option.boolean())
    if name == "freeze":
        return replace(options, freeze=option.boolean())
    if name in _COLUMN_LISTS:
        return _with_columns(options, option)
    if name not in _TEXTS:
        raise SqlSyntaxError(f'option "{name}" not recognized', position=option.position)
    text: dict[str, Any] = {name: option.text()}
    return replace(options, **text)


def _with_columns(options: CopyOptions, option: Option) -> CopyOptions:
    value = option.value
    if option.name == "force_quote" and value == "*":
        return replace(options, force_quote="*")
    if not isinstance(value, tuple):
        raise InvalidParameterValue(
            f'argument to option "{option.name}" must be a list of column names', position=option.position
        )
    if option.name == "force_quote":
        return replace(options, force_quote=value)
    if option.name == "force_not_null":
        return replace(options, force_not_null=value)
    return replace(options, force_null=value)
