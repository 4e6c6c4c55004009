"""Constraints: what stands behind a column or among a table's elements to limit its rows."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import FeatureNotSupported, SqlSyntaxError
from sqlvec.core.schema import Action

from ..statements import Check, ForeignKey, PrimaryKey, TableConstraint, Unique
from .cursor import Cursor
from .tree import parse_scalar

_ACTIONS: tuple[Action, ...] = ("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")


def starts_table_constraint(cursor: Cursor) -> bool:
    return cursor.word() in ("constraint", "primary", "unique", "check", "foreign", "exclude") and (
        cursor.word() != "exclude" or cursor.word(1) == "using" or cursor.at_sign("(", 1)
    )


def parse_table_constraint(cursor: Cursor, *, is_of_new_table: bool = True) -> TableConstraint:
    """[CONSTRAINT name] PRIMARY KEY (...) | UNIQUE (...) | CHECK (...) | FOREIGN KEY (...) REFERENCES ..."""
    position = cursor.position
    name = cursor.name() if cursor.accept("constraint") else None
    if cursor.at("exclude"):
        raise cursor.unsupported("EXCLUDE constraint")
    kind = cursor.expect_one_of("primary", "unique", "check", "foreign")
    constraint = with_attributes(cursor, _table_constraint(cursor, kind, name, position))
    if cursor.at("not", "valid") and kind in ("primary", "unique"):
        what = "PRIMARY KEY" if kind == "primary" else "UNIQUE"
        raise FeatureNotSupported(f"{what} constraints cannot be marked NOT VALID", position=cursor.position)
    if is_of_new_table:  # which has no rows to look at
        cursor.accept("not", "valid")
    return constraint


def _table_constraint(cursor: Cursor, kind: str, name: str | None, position: int) -> TableConstraint:
    if kind == "check":
        return Check(parse_scalar(cursor.parenthesised()), name, None, position)
    if kind == "foreign":
        cursor.expect("key")
        return parse_references(cursor, cursor.names(), name, position)
    if kind == "primary":
        cursor.expect("key")
        columns, index = _key_or_index(cursor)
        return PrimaryKey(columns, name, position, index=index)
    is_distinct = _nulls_not_distinct(cursor)
    columns, index = _key_or_index(cursor)
    return Unique(columns, name, is_distinct, position, index=index)


def _key_or_index(cursor: Cursor) -> tuple[tuple[str, ...], str | None]:
    """(columns), or USING INDEX name"""
    if cursor.accept("using", "index"):
        return (), cursor.name()
    columns = cursor.names()
    refuse_index_parameters(cursor)
    return columns, None


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
    is_full = cursor.at("match") and _is_full(cursor)
    actions: dict[str, Action] = {"delete": "NO ACTION", "update": "NO ACTION"}
    cleared: tuple[str, ...] = ()
    while cursor.at("on"):
        start = cursor.position
        cursor.expect("on")
        event = cursor.expect_one_of("delete", "update")
        actions[event] = _action(cursor)
        if cursor.at_sign("(") and actions[event].startswith("SET"):
            if event == "update":
                raise FeatureNotSupported(
                    f"a column list with {actions[event]} is only supported for ON DELETE actions",
                    position=start,
                )
            cleared = cursor.names()
    return ForeignKey(
        columns,
        table,
        referenced,
        name,
        actions["delete"],
        actions["update"],
        cleared,
        is_full,
        position=position,
    )


def _is_full(cursor: Cursor) -> bool:
    position = cursor.position
    cursor.expect("match")
    match = cursor.expect_one_of("full", "partial", "simple")
    if match == "partial":
        raise FeatureNotSupported("MATCH PARTIAL not yet implemented", position=position)
    return match == "full"


def _action(cursor: Cursor) -> Action:
    for action in _ACTIONS:
        if cursor.accept(*action.lower().split()):
            return action
    cursor.accept_one_of("no", "set")
    raise cursor.error()


def with_attributes(cursor: Cursor, constraint: TableConstraint) -> TableConstraint:
    """The constraint with what follows it: DEFERRABLE, NOT DEFERRABLE, INITIALLY ..."""
    position = cursor.position
    deferrable, deferred = parse_attributes(cursor)
    if not deferrable:
        return constraint
    if isinstance(constraint, Check):
        if constraint.column is not None:
            raise SqlSyntaxError("misplaced DEFERRABLE clause", position=position)
        raise FeatureNotSupported("CHECK constraints cannot be marked DEFERRABLE", position=position)
    return replace(constraint, deferrable=True, initially_deferred=deferred)


def parse_attributes(cursor: Cursor) -> tuple[bool, bool]:
    """Whether it is deferrable, and whether it is so at first."""
    deferrable: bool | None = None
    deferred: bool | None = None
    while True:
        position = cursor.position
        if cursor.accept("not", "deferrable"):
            deferrable = _once(deferrable, "DEFERRABLE/NOT DEFERRABLE", position, value=False)
        elif cursor.accept("deferrable"):
            deferrable = _once(deferrable, "DEFERRABLE/NOT DEFERRABLE", position, value=True)
        elif cursor.accept("initially"):
            is_deferred = cursor.expect_one_of("deferred", "immediate") == "deferred"
            deferred = _once(deferred, "INITIALLY IMMEDIATE/DEFERRED", position, value=is_deferred)
        elif cursor.at("no", "inherit"):
            raise cursor.unsupported("NO INHERIT")
        else:
            return bool(deferrable or deferred), bool(deferred)
        if deferred and deferrable is False:
            raise SqlSyntaxError(
                "constraint declared INITIALLY DEFERRED must be DEFERRABLE", position=position
            )


def _once(earlier: object, what: str, position: int, *, value: bool) -> bool:
    if earlier is not None:
        raise SqlSyntaxError(f"multiple {what} clauses not allowed", position=position)
    return value


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
    if cursor.accept("using", "index"):
        if not cursor.at("tablespace"):
            raise cursor.error()
        raise cursor.unsupported("TABLESPACE")
