"""Sequences: CREATE SEQUENCE and the options it shares with identity columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sqlvec.core.errors import SqlSyntaxError

from ..statements import AlterSequence, CreateSequence, Name, Restart, SequenceOptions
from .cursor import Cursor
from .lexeme import Kind
from .type_name import parse_type


def parse_create_sequence(cursor: Cursor) -> CreateSequence:
    """Behind CREATE: SEQUENCE [IF NOT EXISTS] name options."""
    if cursor.word() in ("temp", "temporary"):
        raise cursor.unsupported("CREATE TEMPORARY SEQUENCE")
    cursor.expect("sequence")
    if_not_exists = cursor.accept("if", "not", "exists")
    name = cursor.qualified_name()
    options = SequenceOptions()
    owned_by: tuple[Name, str] | None = None
    while cursor.current is not None:
        if cursor.accept("owned", "by"):
            owned_by = _owner(cursor)
        else:
            options = parse_sequence_option(cursor, options)
    return CreateSequence(name, options, if_not_exists, owned_by)


def parse_sequence_option(cursor: Cursor, options: SequenceOptions) -> SequenceOptions:
    """One option, added to those before; the same twice is refused."""
    position = cursor.position
    word = cursor.expect_one_of("as", "increment", "minvalue", "maxvalue", "no", "start", "cache", "cycle")
    added: SequenceOptions
    if word == "as":
        taken, added = options.type_name is not None, replace(options, type_name=parse_type(cursor).name)
    elif word == "increment":
        cursor.accept("by")
        taken, added = options.increment is not None, replace(options, increment=cursor.integer())
    elif word == "start":
        cursor.accept("with")
        taken, added = options.start is not None, replace(options, start=cursor.integer())
    elif word == "minvalue":
        taken, added = options.minimum is not None, replace(options, minimum=cursor.integer())
    elif word == "maxvalue":
        taken, added = options.maximum is not None, replace(options, maximum=cursor.integer())
    elif word == "cache":
        taken, added = options.cache is not None, replace(options, cache=cursor.integer())
    elif word == "cycle":
        taken, added = options.cycle is not None, replace(options, cycle=True)
    else:
        # NO MINVALUE and NO MAXVALUE ask for what None stands for.
        refused = cursor.expect_one_of("minvalue", "maxvalue", "cycle")
        taken = False
        if refused == "cycle":
            added = replace(options, cycle=False)
        elif refused == "minvalue":
            added = replace(options, no_minimum=True)
        else:
            added = replace(options, no_maximum=True)
    if taken:
        raise SqlSyntaxError("conflicting or redundant options", position=position)
    return added


def parse_alter_sequence(cursor: Cursor) -> AlterSequence:
    """The options behind ALTER SEQUENCE name."""
    options, restart = SequenceOptions(), None
    owner: tuple[Name, str] | Literal["NONE"] | None = None
    if cursor.current is None:
        raise cursor.error()
    while cursor.index < len(cursor.lexemes):
        if cursor.accept("owned", "by"):
            owner = _owner(cursor) or "NONE"
        elif cursor.accept("restart"):
            restart = parse_restart(cursor)
        else:
            options = parse_sequence_option(cursor, options)
    return AlterSequence(options, restart, owner)


def parse_restart(cursor: Cursor) -> Restart:
    """Behind RESTART: [[WITH] value]"""
    if cursor.accept("with") or cursor.at_kind(Kind.NUMBER) or cursor.at_sign("-"):
        return Restart(cursor.integer())
    return Restart()


def _owner(cursor: Cursor) -> tuple[Name, str] | None:
    if cursor.accept("none"):
        return None
    position = cursor.position
    parts = [cursor.name()]
    while cursor.accept_sign("."):
        parts.append(cursor.any_name())
    if len(parts) < 2:
        raise SqlSyntaxError(
            "invalid OWNED BY option",
            hint="Specify OWNED BY table.column or OWNED BY NONE.",
            position=position,
        )
    return Name(parts[-3] if len(parts) > 2 else None, parts[-2], position), parts[-1]
