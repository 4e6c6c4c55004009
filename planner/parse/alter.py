"""ALTER TABLE, INDEX, VIEW and SEQUENCE."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

from ..statements import (
    AddColumn,
    AddConstraint,
    AddIdentity,
    Alter,
    AlterAction,
    AlterColumnType,
    AlterConstraint,
    AlterIdentity,
    AlterSequence,
    DropColumn,
    DropConstraint,
    DropIdentity,
    Name,
    RenameColumn,
    RenameConstraint,
    RenameRelation,
    SetDefault,
    SetNotNull,
    SetOwner,
    SetRelationSchema,
    SetRowSecurity,
    SetViewOptions,
    ValidateConstraint,
)
from .column import parse_column, parse_identity_options
from .constraint import parse_attributes, parse_table_constraint, starts_table_constraint
from .cursor import Cursor
from .keywords import words
from .lexeme import Kind
from .role_spec import parse_role
from .sequence import parse_alter_sequence, parse_restart, parse_sequence_option
from .tree import parse_scalar
from .type_name import parse_type
from .view_options import parse_view_options

AlterKind: TypeAlias = Literal["TABLE", "INDEX", "VIEW", "SEQUENCE", "SCHEMA"]
_KINDS: dict[str, AlterKind] = {
    "table": "TABLE",
    "index": "INDEX",
    "view": "VIEW",
    "sequence": "SEQUENCE",
    "schema": "SCHEMA",
}

# First words of actions that there are, but not here.
_REFUSED_ACTIONS = words(
    """
    attach cluster detach disable enable force inherit no not of replica reset set depends
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
    if kind == "SCHEMA":
        name = Name(None, cursor.name(), cursor.position)
        action = SetOwner(parse_role(cursor)) if cursor.accept("owner", "to") else _rename(cursor, kind)
        return Alter(kind, name, (action,))
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
    if kind != "INDEX" and cursor.accept("owner", "to"):
        return (SetOwner(parse_role(cursor)),)
    if kind == "SEQUENCE":
        if cursor.at("set"):
            raise cursor.unsupported(f"ALTER SEQUENCE {_first_two_words(cursor)}")
        return (parse_alter_sequence(cursor),)
    if kind == "TABLE":
        return cursor.list_of(lambda: _action(cursor, table))
    if kind == "VIEW" and (cursor.accept("set") or cursor.at("reset")):
        return (SetViewOptions(parse_view_options(cursor, is_reset=cursor.accept("reset"))),)
    if cursor.word() in _REFUSED_ACTIONS | {"alter"}:
        raise cursor.unsupported(f"ALTER {kind} {_first_two_words(cursor)}")
    raise cursor.error()


def _rename(cursor: Cursor, kind: AlterKind) -> AlterAction:
    cursor.expect("rename")
    if cursor.accept("to"):
        return RenameRelation(cursor.name())
    if kind in ("INDEX", "SEQUENCE", "SCHEMA"):
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
    if cursor.accept("alter", "constraint"):
        name = cursor.name()
        deferrable, deferred = parse_attributes(cursor)
        return AlterConstraint(name, deferrable, deferred)
    if cursor.accept("alter"):
        cursor.accept("column")
        return _alter_column(cursor)
    if cursor.accept("owner", "to"):
        return SetOwner(parse_role(cursor))
    if cursor.accept("validate", "constraint"):
        return ValidateConstraint(cursor.name())
    security = _row_security(cursor)
    if security is not None:
        return security
    if cursor.at("rename") or cursor.at("set", "schema"):  # alone only
        raise cursor.error()
    if cursor.word() in _REFUSED_ACTIONS:
        raise cursor.unsupported(f"ALTER TABLE {_first_two_words(cursor)}")
    raise cursor.error()


def _row_security(cursor: Cursor) -> SetRowSecurity | None:
    for verb, action in _ROW_SECURITY.items():
        if cursor.accept(*verb, "row", "level", "security"):
            return action
    return None


_ROW_SECURITY: dict[tuple[str, ...], SetRowSecurity] = {
    ("enable",): SetRowSecurity(enabled=True),
    ("disable",): SetRowSecurity(enabled=False),
    ("force",): SetRowSecurity(forced=True),
    ("no", "force"): SetRowSecurity(forced=False),
}


def _first_two_words(cursor: Cursor) -> str:
    """The action's name for a complaint: OWNER, DISABLE TRIGGER, SET LOGGED."""
    words = [cursor.word()]
    if words[0] not in ("inherit", "of", "reset") and cursor.word(1):
        words.append(cursor.word(1))
    return " ".join(words).upper()


def _add(cursor: Cursor, table: str) -> AlterAction:
    if starts_table_constraint(cursor):
        constraint = parse_table_constraint(cursor, is_of_new_table=False)
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
    if cursor.accept("add", "generated"):
        identity = _identity(cursor)
        cursor.expect("as", "identity")
        return AddIdentity(name, identity, parse_identity_options(cursor))
    if cursor.accept("drop", "identity"):
        return DropIdentity(name, cursor.accept("if", "exists"))
    if _starts_identity_option(cursor):
        return _alter_identity(cursor, name)
    if cursor.word() in ("set", "drop", "add", "reset"):
        words = f"{cursor.word()} {cursor.word(1)}".strip().upper()
        raise cursor.unsupported(f"ALTER COLUMN {words}")
    raise cursor.error()


_IDENTITY_OPTIONS = words("generated increment minvalue maxvalue no start cache cycle restart")


def _starts_identity_option(cursor: Cursor) -> bool:
    return cursor.at("restart") or (cursor.at("set") and cursor.word(1) in _IDENTITY_OPTIONS)


def _alter_identity(cursor: Cursor, name: str) -> AlterIdentity:
    """SET GENERATED ..., SET option ..., RESTART ..., one behind the other."""
    action = AlterIdentity(name)
    sequence = AlterSequence()
    while _starts_identity_option(cursor):
        if cursor.accept("restart"):
            sequence = replace(sequence, restart=parse_restart(cursor))
        elif cursor.accept("set", "generated"):
            action = replace(action, identity=_identity(cursor))
        else:
            cursor.expect("set")
            sequence = replace(sequence, options=parse_sequence_option(cursor, sequence.options))
    return replace(action, sequence=sequence)


def _identity(cursor: Cursor) -> Literal["ALWAYS", "BY DEFAULT"]:
    if cursor.accept("always"):
        return "ALWAYS"
    cursor.expect("by", "default")
    return "BY DEFAULT"


def _column_type(cursor: Cursor, name: str, position: int) -> AlterColumnType:
    type_ = parse_type(cursor)
    if cursor.at("collate"):
        raise cursor.unsupported("COLLATE in ALTER COLUMN TYPE")
    using = None
    if cursor.accept("using"):
        using = parse_scalar(cursor.until(lambda: cursor.at_sign(",")))
    return AlterColumnType(name, type_, using, position)
