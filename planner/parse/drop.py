"""DROP of the kinds of object there are here."""

from __future__ import annotations

from ..statements import Drop, Name, ObjectKind
from .cursor import Cursor

KINDS: dict[tuple[str, ...], ObjectKind] = {
    ("table",): "TABLE",
    ("view",): "VIEW",
    ("materialized", "view"): "MATERIALIZED VIEW",
    ("index",): "INDEX",
    ("sequence",): "SEQUENCE",
    ("schema",): "SCHEMA",
    ("extension",): "EXTENSION",
    ("type",): "TYPE",
}


def parse_drop(cursor: Cursor) -> Drop | None:
    """Behind DROP; None when the kind is none of these."""
    kind = next((kind for words, kind in KINDS.items() if cursor.accept(*words)), None)
    if kind is None:
        return None
    concurrently = kind == "INDEX" and cursor.accept("concurrently")
    if_exists = cursor.accept("if", "exists")
    names = cursor.list_of(lambda: _name(cursor, kind))
    cascade = cursor.accept_one_of("cascade", "restrict") == "cascade"
    return Drop(kind, names, if_exists, cascade, concurrently)


def _name(cursor: Cursor, kind: ObjectKind) -> Name:
    if kind in ("SCHEMA", "EXTENSION"):
        position = cursor.position
        return Name(None, cursor.name(), position)
    return cursor.qualified_name()
