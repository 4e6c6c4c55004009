"""Functions that ask for privileges: has_table_privilege and its kin, pg_has_role, pg_get_userbyid."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from .binder import Binder
from .coerce import settle
from .typed import BOOL, Node, Typed, call, cast, pg, string
from .undefined import undefined_function

Builder = Callable[[Binder, list[Typed], int | None], Typed]
_NUMBERS = frozenset(("oid", "int2", "int4", "int8", "regclass", "regrole", "regnamespace"))


def _text(binder: Binder, value: Typed) -> Node:
    """A name as it is; an OID with a mark in front, which no unquoted name starts with."""
    if value.literal is not None:
        return string(value.literal)
    found = settle(binder, value)
    if found.type is not None and found.type.name in _NUMBERS:
        return call("concat", string("#"), cast(found.node, "VARCHAR"))
    return cast(found.node, "VARCHAR")


def _with_null(arguments: list[Node], node: Node) -> Node:
    """concat() makes '#' of NULL: any argument that is NULL makes the answer NULL."""
    return exp.Case(
        ifs=[
            exp.If(this=exp.EQ(this=each.copy(), expression=string("#")), true=exp.Null())
            for each in arguments
        ],
        default=node,
    )


def _has(kind: str, *, columns: bool = False) -> Builder:
    """(user, object[, column], privilege), or without the user."""
    name = f"has_{kind}_privilege"
    least = 3 if columns else 2

    def build(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
        if len(arguments) not in (least, least + 1):
            raise undefined_function(name, arguments, position)
        values = [_text(binder, value) for value in arguments]
        user = values.pop(0) if len(values) > least else string("")
        item = values.pop(0)
        column = values.pop(0) if columns else string("")
        session = call("getvariable", string("sqlvec_session"))
        found = call("sqlvec_has_privilege", session, string(kind), user, item, column, values[0])
        return Typed(_with_null([user, item, column], found), BOOL)

    return build


def _user_by_id(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    if len(arguments) != 1:
        raise undefined_function("pg_get_userbyid", arguments, position)
    session = call("getvariable", string("sqlvec_session"))
    oid = cast(settle(binder, arguments[0]).node, "BIGINT")
    return Typed(call("sqlvec_role_name", session, oid), pg("name"))


PRIVILEGE_FUNCTIONS: dict[str, Builder] = {
    "has_table_privilege": _has("table"),
    "has_any_column_privilege": _has("any_column"),
    "has_column_privilege": _has("column", columns=True),
    "has_sequence_privilege": _has("sequence"),
    "has_schema_privilege": _has("schema"),
    "has_database_privilege": _has("database"),
    "has_function_privilege": _has("function"),
    "has_language_privilege": _has("language"),
    "has_type_privilege": _has("type"),
    "has_tablespace_privilege": _has("tablespace"),
    "pg_has_role": _has("role"),
    "pg_get_userbyid": _user_by_id,
}
