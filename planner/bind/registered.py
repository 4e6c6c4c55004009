"""reg* casts: 'items'::regclass and its like become OIDs while binding."""

from __future__ import annotations

from sqlvec.core.errors import UndefinedObject, UndefinedTable
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import type_by_name

from .binder import Binder
from .typed import Node, Typed, call, cast, number, string

ALIASES = frozenset(("regclass", "regtype"))  # carried as OIDs inside a query, printed as names


def split_name(text: str) -> tuple[str | None, str]:
    """A possibly quoted, possibly qualified name as reg* casts and nextval() read it."""
    parts: list[str] = []
    current, is_quoted, was_quoted = "", False, False
    for character in text:
        if character == '"':
            is_quoted, was_quoted = not is_quoted, True
        elif character == "." and not is_quoted:
            parts.append(current if was_quoted else current.lower())
            current, was_quoted = "", False
        else:
            current += character
    parts.append(current if was_quoted else current.lower())
    return (parts[-2] if len(parts) > 1 else None), parts[-1]


def regclass_constant(binder: Binder, value: Typed, target: PgType) -> Typed | None:
    """A literal name as its OID; None where the value is not a literal name."""
    if value.literal is None:
        return None
    text = value.literal.strip()
    if text.isdigit():
        return Typed(cast(number(int(text)), "BIGINT"), target)
    oid = _lookup(binder, text, target.name, value.position)
    return None if oid is None else Typed(cast(number(oid), "BIGINT"), target)


def to_alias(value: Typed, target: PgType) -> Typed | None:
    """What is known at run time only, as an OID; None for the aliases that are carried as names."""
    if target.name not in ALIASES:
        return None
    if value.type is not None and value.type.name in ("oid", "int2", "int4", "int8", target.name):
        return Typed(cast(value.node, "BIGINT"), target, position=value.position)
    text = cast(value.node, "VARCHAR")
    return Typed(call(f"sqlvec_{target.name}_in", *_session(target), text), target, position=value.position)


def must_alias(value: Typed, target: PgType) -> Typed:
    found = to_alias(value, target)
    assert found is not None, target.name
    return found


def alias_text(node: Node, type: PgType) -> Node:
    """The name that an OID (or a name, as catalogs carry it) prints as."""
    return call(f"sqlvec_{type.name}_out", *_session(type), node)


def _session(type: PgType) -> list[Node]:
    return [call("getvariable", string("sqlvec_session"))] if type.name == "regclass" else []


def _lookup(binder: Binder, text: str, kind: str, position: int | None) -> int | None:
    schema, name = split_name(text)
    if kind == "regclass":
        oid = relation_oid(binder, schema, name)
        if oid is None:
            raise UndefinedTable(f'relation "{text}" does not exist', position=position)
        return oid
    if kind == "regtype":
        found = type_by_name(text.removesuffix("[]"), is_array=text.endswith("[]"))
        if found is None:
            raise UndefinedObject(f'type "{text}" does not exist', position=position)
        return found.oid
    return None


def relation_oid(binder: Binder, schema: str | None, name: str) -> int | None:
    found = binder.catalog.relation(schema, name)
    return found.oid if found is not None else binder.catalog.index_oid(schema, name)
