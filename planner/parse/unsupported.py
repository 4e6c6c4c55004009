"""Commands that PostgreSQL has and sqlvec has not: they say so by name instead of being syntax errors."""

from __future__ import annotations

from sqlvec.core.errors import FeatureNotSupported

from .cursor import Cursor
from .keywords import words

COMMANDS = words(
    """
    call cluster comment do import listen load lock merge notify refresh security
    """
)

# What CREATE, ALTER and DROP can be about, longest first where one begins another.
OBJECTS: tuple[tuple[str, ...], ...] = (
    ("access", "method"),
    ("aggregate",),
    ("cast",),
    ("collation",),
    ("conversion",),
    ("database",),
    ("default", "privileges"),
    ("domain",),
    ("event", "trigger"),
    ("extension",),
    ("foreign", "data", "wrapper"),
    ("foreign", "table"),
    ("function",),
    ("group",),
    ("index",),
    ("language",),
    ("large", "object"),
    ("materialized", "view"),
    ("operator", "class"),
    ("operator", "family"),
    ("operator",),
    ("owned", "by"),
    ("policy",),
    ("procedural", "language"),
    ("procedure",),
    ("publication",),
    ("role",),
    ("routine",),
    ("rule",),
    ("schema",),
    ("sequence",),
    ("server",),
    ("statistics",),
    ("subscription",),
    ("system",),
    ("table",),
    ("tablespace",),
    ("text", "search", "configuration"),
    ("text", "search", "dictionary"),
    ("text", "search", "parser"),
    ("text", "search", "template"),
    ("transform",),
    ("trigger",),
    ("type",),
    ("user", "mapping"),
    ("user",),
    ("view",),
)
_MODIFIERS = (
    "or",
    "replace",
    "constraint",
    "trusted",
    "temp",
    "temporary",
    "global",
    "local",
    "unlogged",
    "unique",
    "recursive",
)


def refuse_command(cursor: Cursor) -> FeatureNotSupported:
    """For a statement whose first word is one of COMMANDS."""
    return cursor.unsupported(cursor.word().upper())


def refuse_object(cursor: Cursor) -> Exception:
    """For CREATE, ALTER or DROP of something not known here; the cursor stands at the verb."""
    verb = cursor.word().upper()
    start = cursor.index
    cursor.index += 1
    while cursor.accept_one_of(*_MODIFIERS):
        pass
    kind = next((words for words in OBJECTS if cursor.at(*words)), None)
    if kind is None:
        return cursor.error()
    cursor.index = start
    return cursor.unsupported(f"{verb} {' '.join(kind).upper()}")
