"""Operands: both sides of an operator, brought together."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import resolve
from .scope import Scope
from .typed import (
    NUMBERS,
    Node,
    Typed,
    paren,
)  # fmt: skip

SYMBOLS: dict[type, str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.IntDiv: "/", exp.Mod: "%", exp.Pow: "^",
    exp.DPipe: "||", exp.Like: "~~", exp.ILike: "~~*", exp.RegexpLike: "~", exp.RegexpILike: "~*",
}  # fmt: skip


def operands(binder: Binder, node: Node, scope: Scope) -> tuple[Typed, Typed]:
    """Both sides of an operator, matched."""
    return matched(binder, binder.expression(node.this, scope), binder.expression(node.expression, scope))


def matched(binder: Binder, left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """An open side takes the other's type."""
    if left.is_open and not right.is_open and right.type is not None:
        left = resolve(binder, left, right.type, right.typmod if right.type.name == "vector" else -1)
    elif right.is_open and not left.is_open and left.type is not None:
        right = resolve(binder, right, left.type, left.typmod if left.type.name == "vector" else -1)
    return left, right


def rebuild(node: Node, left: Node, right: Node) -> Node:
    node.set("this", paren(left))
    node.set("expression", paren(right))
    return node


def is_comparable(left: PgType | None, right: PgType | None) -> bool:
    if left is None or right is None:
        return True
    if left.name in ("json",) or right.name in ("json",):
        return False
    if left.oid == right.oid:
        return True
    if left.oid in NUMBERS and right.oid in NUMBERS:
        return True
    if left.is_array and right.is_array:
        assert left.element is not None
        assert right.element is not None
        return is_comparable(left.element, right.element) and left.element.category == right.element.category
    oids = ("oid", "regclass", "regtype", "regproc", "regnamespace", "int2", "int4", "int8")
    if left.name in oids and right.name in oids:
        return True
    datetimes = ("date", "timestamp", "timestamptz")
    if left.name in datetimes and right.name in datetimes:
        return True
    # "char" goes to text by itself; SQLAlchemy compares the catalogs' "char" columns with varchar.
    return all(kind.category == "S" or kind.name == "char" for kind in (left, right))
