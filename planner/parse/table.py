"""CREATE TABLE, in its two forms: columns, or a query."""

from __future__ import annotations

from typing import TypeAlias

from sqlvec.core.errors import FeatureNotSupported, InvalidParameterValue

from ..statements import ColumnDefinition, CreateTable, CreateTableAs, LikeTable, Name, TableConstraint
from .column import parse_column
from .constraint import parse_table_constraint, starts_table_constraint
from .cursor import Cursor
from .index import parse_storage_options
from .query import parse_query

_OTHER_STORAGE_PARAMETERS = ("parallel_workers", "user_catalog_table", "log_autovacuum_min_duration")
FILLFACTOR = range(10, 101)  # percent
_LIKE_OPTIONS = (
    "comments", "compression", "constraints", "defaults", "generated", "identity", "indexes", "statistics",
    "storage",
)  # fmt: skip


def parse_create_table(cursor: Cursor) -> CreateTable | CreateTableAs:
    """Behind CREATE: [TEMPORARY] TABLE [IF NOT EXISTS] name ..."""
    if cursor.at("unlogged"):
        raise cursor.unsupported("CREATE UNLOGGED TABLE")
    if cursor.word() in ("global", "local"):
        cursor.index += 1
        if cursor.word() not in ("temporary", "temp"):
            raise cursor.error()
    temporary = bool(cursor.accept_one_of("temporary", "temp"))
    cursor.expect("table")
    if_not_exists = cursor.accept("if", "not", "exists")
    name = cursor.qualified_name()
    if cursor.at("partition", "of"):
        raise cursor.unsupported("PARTITION OF")
    if cursor.at("of"):
        raise cursor.unsupported("CREATE TABLE OF")
    if _is_as(cursor):
        return _parse_as(cursor, name, if_not_exists=if_not_exists, temporary=temporary)
    columns, constraints, likes = _elements(cursor, name.name)
    _table_options(cursor)
    cursor.must_end()
    return CreateTable(name, columns, constraints, if_not_exists, temporary, likes)


def _is_as(cursor: Cursor) -> bool:
    """AS, options in front of AS, or a list of bare names."""
    if cursor.at_sign("(") and (cursor.at_sign(",", 2) or cursor.at_sign(")", 2)):
        return not cursor.at_sign(")", 1)
    return cursor.word() in ("as", "with", "on", "using", "tablespace")


_Elements: TypeAlias = tuple[tuple[ColumnDefinition, ...], tuple[TableConstraint, ...], tuple[LikeTable, ...]]


def _elements(cursor: Cursor, table: str) -> _Elements:
    columns: list[ColumnDefinition] = []
    likes: list[LikeTable] = []
    constraints: list[TableConstraint] = []
    cursor.expect_sign("(")
    if cursor.accept_sign(")"):
        return (), (), ()
    while True:
        if cursor.accept("like"):
            likes.append(_like(cursor, len(columns)))
        elif starts_table_constraint(cursor):
            constraints.append(parse_table_constraint(cursor))
        else:
            column, its_constraints = parse_column(cursor, table)
            columns.append(column)
            constraints.extend(its_constraints)
        if not cursor.accept_sign(","):
            break
    cursor.expect_sign(")")
    return tuple(columns), tuple(constraints), tuple(likes)


def _like(cursor: Cursor, index: int) -> LikeTable:
    """Behind LIKE: table [INCLUDING | EXCLUDING what ...]"""
    table = cursor.qualified_name()
    including: set[str] = set()
    while word := cursor.accept_one_of("including", "excluding"):
        what = cursor.expect_one_of(*_LIKE_OPTIONS, "all")
        named = set(_LIKE_OPTIONS) if what == "all" else {what}
        including = including | named if word == "including" else including - named
    return LikeTable(table, index, frozenset(including))


def _table_options(cursor: Cursor) -> None:
    """What may follow the columns. Only what changes nothing here is taken; fillfactor is such a thing."""
    if cursor.at("inherits"):
        raise cursor.unsupported("INHERITS")
    if cursor.at("partition", "by"):
        raise cursor.unsupported("PARTITION BY in CREATE TABLE")
    if cursor.accept("using") and not cursor.accept("heap"):
        raise cursor.unsupported("a table access method other than heap")
    if cursor.at("with"):
        _check_storage_options(cursor)
    else:
        cursor.accept("without", "oids")
    if cursor.at("on", "commit"):
        cursor.index += 2
        if not cursor.accept("preserve", "rows"):
            what = " ".join(cursor.word(ahead) for ahead in range(2)).strip().upper()
            if cursor.word() not in ("delete", "drop"):
                raise cursor.error()
            raise cursor.unsupported(f"ON COMMIT {what}")
    if cursor.at("tablespace"):
        raise cursor.unsupported("TABLESPACE")


def _check_storage_options(cursor: Cursor) -> None:
    position = cursor.position
    cursor.expect("with")
    for option, value in parse_storage_options(cursor):
        if option == "fillfactor":
            if not value.isdigit() or int(value) not in FILLFACTOR:
                raise InvalidParameterValue(
                    f'value {value} out of bounds for option "fillfactor"',
                    detail='Valid values are between "10" and "100".',
                )
        elif option.startswith(("autovacuum_", "toast")) or option in _OTHER_STORAGE_PARAMETERS:
            raise FeatureNotSupported(f"storage parameter {option} is not supported", position=position)
        else:
            raise InvalidParameterValue(f'unrecognized parameter "{option}"')


def _parse_as(cursor: Cursor, name: Name, *, if_not_exists: bool, temporary: bool) -> CreateTableAs:
    columns = cursor.names() if cursor.at_sign("(") else ()
    _table_options(cursor)
    cursor.expect("as")
    if cursor.at("execute"):
        raise cursor.unsupported("CREATE TABLE AS EXECUTE")
    body, with_data = split_with_data(cursor.rest())
    return CreateTableAs(name, parse_query(body), columns, if_not_exists, with_data, temporary)


def split_with_data(body: Cursor) -> tuple[Cursor, bool]:
    """Take WITH [NO] DATA off the end."""
    for words, with_data in ((("with", "no", "data"), False), (("with", "data"), True)):
        start = len(body.lexemes) - len(words)
        if start > 0:
            body.index = start
            if body.at(*words):
                return Cursor(body.sql, body.lexemes[:start], body.lexemes[start]), with_data
    body.index = 0
    return body, True
