"""Constraints: what stands behind a column or among a table's elements to limit its rows."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import SqlSyntaxError

from ..statements import Check, ForeignKey, PrimaryKey, TableConstraint, Unique
from .cursor import Cursor
from .tree import parse_scalar

_ACTIONS = ("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")


def starts_table_constraint(cursor: Cursor) -> bool:
    return cursor.word() in ("constraint", "primary", "unique", "check", "foreign", "exclude") and (
        cursor.word() != "exclude" or cursor.word(1) == "using" or cursor.at_sign("(", 1)
    )


def parse_table_constraint(cursor: Cursor) -> TableConstraint:
    """[CONSTRAINT name] PRIMARY KEY (...) | UNIQUE (...) | CHECK (...) | FOREIGN KEY (...) REFERENCES ..."""
    position = cursor.position
    name = cursor.name() if cursor.accept("constraint") else None
    if cursor.at("exclude"):
        raise cursor.unsupported("EXCLUDE constraint")
    kind = cursor.expect_one_of("primary", "unique", "check", "foreign")
    constraint: TableConstraint
    if kind == "check":
        constraint = Check(parse_scalar(cursor.parenthesised()), name, None, position)
    elif kind == "foreign":
        cursor.expect("key")
        constraint = parse_references(cursor, cursor.names(), name, position)
    else:
        is_distinct = False
        if kind == "primary":
            cursor.expect("key")
        else:
            is_distinct = _nulls_not_distinct(cursor)
        if cursor.at("using", "index"):
            raise cursor.unsupported("constraint USING INDEX")
        columns = cursor.names()
        refuse_index_parameters(cursor)
        constraint = (
            PrimaryKey(columns, name, position)
            if kind == "primary"
            else Unique(columns, name, is_distinct, position)
        )
    return with_attributes(cursor, constraint)


def parse_column_constraint(
    cursor: Cursor, column: str, name: str | None, position: int
) -> TableConstraint | None:
    """A PRIMARY KEY, UNIQUE, CHECK or REFERENCES behind a column; None when none stands here."""
    kind = cursor.word()
    constraint: TableConstraint
    if kind == "check":
        cursor.index += 1
        constraint = Check(parse_scalar(cursor.parenthesised()), name, column, position)
    elif kind == "references":
        constraint = parse_references(cursor, (column,), name, position)
    elif kind == "primary":
        cursor.expect("primary", "key")
        refuse_index_parameters(cursor)
        constraint = PrimaryKey((column,), name, position)
    elif kind == "unique":
        cursor.index += 1
        constraint = Unique((column,), name, _nulls_not_distinct(cursor), position)
        refuse_index_parameters(cursor)
    else:
        return None
    return with_attributes(cursor, constraint)


def parse_references(cursor: Cursor, columns: tuple[str, ...], name: str | None, position: int) -> ForeignKey:
    """REFERENCES table [(columns)] [MATCH ...] [ON DELETE ...] [ON UPDATE ...]"""
    cursor.expect("references")
    table = cursor.qualified_name()
    referenced = cursor.names() if cursor.at_sign("(") else ()
    match = "SIMPLE"
    if cursor.accept("match"):
        match = cursor.expect_one_of("full", "partial", "simple").upper()
        if match == "PARTIAL":
            cursor.index -= 1
            raise cursor.unsupported("MATCH PARTIAL")
    actions = {"delete": "NO ACTION", "update": "NO ACTION"}
    while cursor.accept("on"):
        event = cursor.expect_one_of("delete", "update")
        actions[event] = _action(cursor)
    return ForeignKey(
        columns, table, referenced, name, actions["delete"], actions["update"], match, position=position
    )


def _action(cursor: Cursor) -> str:
    for action in _ACTIONS:
        if cursor.accept(*action.lower().split()):
            if action.startswith("SET") and cursor.at_sign("("):
                raise cursor.unsupported(f"{action} of some columns")
            return action
    cursor.accept_one_of("no", "set")
    raise cursor.error()


def with_attributes(cursor: Cursor, constraint: TableConstraint) -> TableConstraint:
    """DEFERRABLE, NOT DEFERRABLE, INITIALLY ...; only a foreign key may be deferred here."""
    deferrable: bool | None = None
    deferred: bool | None = None
    while True:
        position = cursor.position
        if cursor.accept("not", "deferrable"):
            deferrable = False
        elif cursor.accept("deferrable"):
            deferrable = True
        elif cursor.accept("initially"):
            deferred = cursor.expect_one_of("deferred", "immediate") == "deferred"
        elif cursor.at("no", "inherit"):
            raise cursor.unsupported("NO INHERIT")
        else:
            break
        if deferred and deferrable is False:
            raise SqlSyntaxError(
                "constraint declared INITIALLY DEFERRED must be DEFERRABLE", position=position
            )
    if not deferrable and not deferred:
        return constraint
    if isinstance(constraint, Check):
        raise SqlSyntaxError("CHECK constraints cannot be marked DEFERRABLE", position=position)
    if not isinstance(constraint, ForeignKey):
        raise cursor.unsupported("DEFERRABLE unique constraint")
    return replace(constraint, deferrable=True, initially_deferred=bool(deferred))


def _nulls_not_distinct(cursor: Cursor) -> bool:
    if cursor.accept("nulls", "not", "distinct"):
        return True
    cursor.accept("nulls", "distinct")
    return False


def refuse_index_parameters(cursor: Cursor) -> None:
    if cursor.at("include"):
        raise cursor.unsupported("INCLUDE in a constraint")
    if cursor.at("with") and cursor.at_sign("(", 1):
        raise cursor.unsupported("WITH in a constraint")
    if cursor.at("using", "index"):
        raise cursor.unsupported("TABLESPACE")
