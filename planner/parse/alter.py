"""ALTER TABLE, INDEX, VIEW and SEQUENCE."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..statements import (
    AddColumn,
    AddConstraint,
    Alter,
    AlterAction,
    AlterColumnType,
    DropColumn,
    DropConstraint,
    RenameColumn,
    RenameConstraint,
    RenameRelation,
    SetDefault,
    SetNotNull,
    SetRelationSchema,
)
from .column import parse_column
from .constraint import parse_table_constraint, starts_table_constraint
from .cursor import Cursor
from .keywords import words
from .lexeme import Kind
from .tree import parse_scalar
from .type_name import parse_type

AlterKind: TypeAlias = Literal["TABLE", "INDEX", "VIEW", "SEQUENCE"]
_KINDS: dict[str, AlterKind] = {"table": "TABLE", "index": "INDEX", "view": "VIEW", "sequence": "SEQUENCE"}

# First words of actions that there are, but not here.
_REFUSED_ACTIONS = words(
    """
    attach cluster detach disable enable force inherit no not of owner replica reset set validate
    depends
    """
)
_SEQUENCE_OPTIONS = words(
    """
    as increment minvalue maxvalue no start restart cache cycle owned owner set
    """
)


def parse_alter(cursor: Cursor) -> Alter | None:
    """Behind ALTER; None when the kind is none of these."""
    kind = _KINDS.get(cursor.word())
    if kind is None:
        return None
    cursor.index += 1
    if kind in ("TABLE", "INDEX") and cursor.at("all", "in", "tablespace"):
        raise cursor.unsupported(f"ALTER {kind} ALL IN TABLESPACE")
    if_exists = cursor.accept("if", "exists")
    if kind == "TABLE":
        cursor.accept("only")
    name = cursor.qualified_name()
    cursor.accept_sign("*")
    return Alter(kind, name, _actions(cursor, kind, name.name), if_exists)


def _actions(cursor: Cursor, kind: AlterKind, table: str) -> tuple[AlterAction, ...]:
    if cursor.at("rename"):
        return (_rename(cursor, kind),)
    if cursor.accept("set", "schema"):
        if kind == "INDEX":
            cursor.index -= 1
            raise cursor.error()
        return (SetRelationSchema(cursor.name()),)
    if kind == "SEQUENCE":
        if cursor.word() in _SEQUENCE_OPTIONS:
            raise cursor.unsupported(f"ALTER SEQUENCE {cursor.word().upper()}")
        raise cursor.error()
    if kind == "TABLE":
        return cursor.list_of(lambda: _action(cursor, table))
    if cursor.word() in _REFUSED_ACTIONS | {"alter"}:
        raise cursor.unsupported(f"ALTER {kind} {_first_two_words(cursor)}")
    raise cursor.error()


def _rename(cursor: Cursor, kind: AlterKind) -> AlterAction:
    cursor.expect("rename")
    if cursor.accept("to"):
        return RenameRelation(cursor.name())
    if kind in ("INDEX", "SEQUENCE"):
        raise cursor.error()
    if cursor.at("constraint") and kind == "TABLE":
        cursor.index += 1
        old = cursor.name()
        cursor.expect("to")
        return RenameConstraint(old, cursor.name())
    cursor.accept("column")
    position = cursor.position
    old = cursor.name()
    cursor.expect("to")
    return RenameColumn(old, cursor.name(), position)


def _action(cursor: Cursor, table: str) -> AlterAction:
    if cursor.accept("add"):
        return _add(cursor, table)
    if cursor.accept("drop"):
        return _drop(cursor)
    if cursor.at("alter", "constraint"):
        raise cursor.unsupported("ALTER TABLE ALTER CONSTRAINT")
    if cursor.accept("alter"):
        cursor.accept("column")
        return _alter_column(cursor)
    if cursor.at("rename") or cursor.at("set", "schema"):  # alone only
        raise cursor.error()
    if cursor.word() in _REFUSED_ACTIONS:
        raise cursor.unsupported(f"ALTER TABLE {_first_two_words(cursor)}")
    raise cursor.error()


def _first_two_words(cursor: Cursor) -> str:
    """The action's name for a complaint: OWNER, DISABLE TRIGGER, SET LOGGED."""
    words = [cursor.word()]
    if words[0] not in ("owner", "inherit", "of", "reset") and cursor.word(1):
        words.append(cursor.word(1))
    return " ".join(words).upper()


def _add(cursor: Cursor, table: str) -> AlterAction:
    if starts_table_constraint(cursor):
        constraint = parse_table_constraint(cursor)
        return AddConstraint(constraint, cursor.accept("not", "valid"))
    cursor.accept("column")
    if_not_exists = cursor.accept("if", "not", "exists")
    column, constraints = parse_column(cursor, table)
    return AddColumn(column, constraints, if_not_exists)


def _drop(cursor: Cursor) -> AlterAction:
    if cursor.accept("constraint"):
        if_exists = cursor.accept("if", "exists")
        return DropConstraint(cursor.name(), if_exists, _cascade(cursor))
    cursor.accept("column")
    if_exists = cursor.accept("if", "exists")
    position = cursor.position
    return DropColumn(cursor.name(), if_exists, _cascade(cursor), position)


def _cascade(cursor: Cursor) -> bool:
    return cursor.accept_one_of("cascade", "restrict") == "cascade"


def _alter_column(cursor: Cursor) -> AlterAction:
    position = cursor.position
    if cursor.at_kind(Kind.NUMBER):
        raise cursor.unsupported("ALTER COLUMN by number")
    name = cursor.name()
    if cursor.accept("set", "default"):
        return SetDefault(name, parse_scalar(cursor.until(lambda: cursor.at_sign(","))), position)
    if cursor.accept("drop", "default"):
        return SetDefault(name, None, position)
    if cursor.accept("set", "not", "null"):
        return SetNotNull(name, True, position)
    if cursor.accept("drop", "not", "null"):
        return SetNotNull(name, False, position)
    if cursor.accept("set", "data"):
        cursor.expect("type")
        return _column_type(cursor, name, position)
    if cursor.accept("type"):
        return _column_type(cursor, name, position)
    if cursor.word() in ("set", "drop", "add", "reset", "restart"):
        words = f"{cursor.word()} {cursor.word(1)}".strip().upper()
        raise cursor.unsupported(f"ALTER COLUMN {words}")
    raise cursor.error()


def _column_type(cursor: Cursor, name: str, position: int) -> AlterColumnType:
    type_ = parse_type(cursor)
    if cursor.at("collate"):
        raise cursor.unsupported("COLLATE in ALTER COLUMN TYPE")
    using = None
    if cursor.accept("using"):
        using = parse_scalar(cursor.until(lambda: cursor.at_sign(",")))
    return AlterColumnType(name, type_, using, position)
