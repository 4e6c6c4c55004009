"""EXPLAIN."""

from __future__ import annotations

from typing import Literal

from sqlvec.core.errors import InvalidParameterValue, SqlSyntaxError

from ..statements import CreateTableAs, Explain, Statement
from .cursor import Cursor
from .option_list import Option, parse_options
from .prepared import parse_execute
from .query import parse_row_statement
from .table import parse_create_table

Format = Literal["text", "json", "yaml", "xml"]
_FORMATS: dict[str, Format] = {"text": "text", "json": "json", "yaml": "yaml", "xml": "xml"}
_NOT_OURS = ("buffers", "wal", "settings", "generic_plan", "memory")  # may be switched off
_QUERY_WORDS = ("select", "values", "table", "with")


def parse_explain(cursor: Cursor) -> Explain:
    cursor.expect("explain")
    if cursor.at_sign("(") and cursor.word(1) not in _QUERY_WORDS and not cursor.at_sign("(", 1):
        options = parse_options(cursor)
        return _with_options(cursor, options)
    analyze = bool(cursor.accept_one_of("analyze", "analyse"))
    verbose = cursor.accept("verbose")
    return Explain(_explained(cursor), analyze=analyze, verbose=verbose)


def _explained(cursor: Cursor) -> Statement:
    if cursor.word() in (*_QUERY_WORDS, "insert", "update", "delete", "merge") or cursor.at_sign("("):
        return parse_row_statement(cursor)
    if cursor.at("execute"):
        return parse_execute(cursor)
    if cursor.at("declare"):
        raise cursor.unsupported("DECLARE")
    if cursor.word() == "create":
        start = cursor.index
        cursor.index += 1
        if cursor.at("materialized"):
            raise cursor.unsupported("CREATE MATERIALIZED VIEW")
        statement = parse_create_table(cursor)
        if isinstance(statement, CreateTableAs):
            return statement
        cursor.index = start
    raise cursor.error()


def _with_options(cursor: Cursor, options: tuple[Option, ...]) -> Explain:
    switches: dict[str, bool] = {}
    format_: Format = "text"
    for option in options:
        if option.name == "format":
            format_ = _format(option)
        elif option.name in ("analyze", "verbose", "costs", "timing", "summary", "recall"):
            switches[option.name] = option.boolean()
        elif option.name in _NOT_OURS:
            if option.boolean():
                cursor.index = 0
                raise cursor.unsupported(f"EXPLAIN option {option.name.upper()}")
        else:
            raise SqlSyntaxError(f'unrecognized EXPLAIN option "{option.name}"', position=option.position)
    analyze = switches.get("analyze", False)
    if switches.get("timing") and not analyze:
        raise InvalidParameterValue("EXPLAIN option TIMING requires ANALYZE")
    return Explain(
        _explained(cursor),
        analyze=analyze,
        verbose=switches.get("verbose", False),
        costs=switches.get("costs", True),
        timing=switches.get("timing", True),
        summary=switches.get("summary"),
        recall=switches.get("recall", False),
        format=format_,
    )


def _format(option: Option) -> Format:
    value = option.text()
    if value not in _FORMATS:
        raise InvalidParameterValue(
            f'unrecognized value for EXPLAIN option "format": "{value}"', position=option.position
        )
    return _FORMATS[value]
