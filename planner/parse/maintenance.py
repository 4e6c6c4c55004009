"""Maintenance: ANALYZE, VACUUM, REINDEX, CHECKPOINT."""

from __future__ import annotations

from typing import Literal

from sqlvec.core.errors import SqlSyntaxError

from ..statements import Analyze, Checkpoint, Name, Reindex, Vacuum
from .cursor import Cursor
from .keywords import words
from .option_list import Option, parse_options

_ANALYZE_OPTIONS = frozenset(("verbose", "skip_locked", "buffer_usage_limit"))
# How PostgreSQL should go about it; none changes what is found afterwards.
_VACUUM_OPTIONS = _ANALYZE_OPTIONS | words(
    """
    full freeze analyze disable_page_skipping index_cleanup process_main process_toast truncate parallel
    skip_database_stats only_database_stats
    """
)
_REINDEX_OPTIONS = frozenset(("verbose", "concurrently", "tablespace"))

ReindexKind = Literal["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"]
_REINDEX_KINDS: dict[str, ReindexKind] = {
    "index": "INDEX",
    "table": "TABLE",
    "schema": "SCHEMA",
    "database": "DATABASE",
    "system": "SYSTEM",
}


def parse_analyze(cursor: Cursor) -> Analyze:
    cursor.expect_one_of("analyze", "analyse")
    if cursor.at_sign("("):
        _check(parse_options(cursor), _ANALYZE_OPTIONS, "ANALYZE")
    else:
        cursor.accept("verbose")
    return Analyze(_relations(cursor))


def parse_vacuum(cursor: Cursor) -> Vacuum:
    cursor.expect("vacuum")
    analyze = False
    if cursor.at_sign("("):
        options = parse_options(cursor)
        _check(options, _VACUUM_OPTIONS, "VACUUM")
        analyze = any(option.name == "analyze" and option.boolean() for option in options)
    else:
        cursor.accept("full")
        cursor.accept("freeze")
        cursor.accept("verbose")
        analyze = bool(cursor.accept_one_of("analyze", "analyse"))
    return Vacuum(_relations(cursor), analyze)


def _check(options: tuple[Option, ...], known: frozenset[str], command: str) -> None:
    for option in options:
        if option.name not in known:
            raise SqlSyntaxError(f'unrecognized {command} option "{option.name}"', position=option.position)


def _relations(cursor: Cursor) -> tuple[Name, ...]:
    return cursor.list_of(lambda: _relation(cursor)) if cursor.current is not None else ()


def _relation(cursor: Cursor) -> Name:
    """Columns may be named; all of the table's are analyzed then, which includes them."""
    name = cursor.qualified_name()
    if cursor.at_sign("("):
        cursor.names()
    return name


def parse_reindex(cursor: Cursor) -> Reindex:
    cursor.expect("reindex")
    if cursor.at_sign("("):
        _check(parse_options(cursor), _REINDEX_OPTIONS, "REINDEX")
    kind = _REINDEX_KINDS[cursor.expect_one_of(*_REINDEX_KINDS)]
    cursor.accept("concurrently")
    if kind in ("DATABASE", "SYSTEM") and cursor.current is None:
        return Reindex(kind, None)
    return Reindex(kind, cursor.qualified_name())


def parse_checkpoint(cursor: Cursor) -> Checkpoint:
    cursor.expect("checkpoint")
    return Checkpoint()
