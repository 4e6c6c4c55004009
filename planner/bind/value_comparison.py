"""Comparison of two bound values: what each side becomes so that DuckDB compares as PostgreSQL does."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from .binder import Binder
from .coerce import no_operator, settle, to_text
from .operands import SYMBOLS, is_comparable, matched
from .typed import BPCHAR, FLOAT4, FLOAT8, JSONB, NUMERIC, VECTOR, Node, Typed, call, cast, paren


def compared(binder: Binder, kind: type[exp.Binary], left: Typed, right: Typed, position: int | None) -> Node:
    """`left kind right`; 42883 at the position where no such operator exists."""
    left, right = aligned(binder, kind, left, right, position)
    found = kind(this=paren(left.node), expression=paren(right.node))
    assert isinstance(found, Node)
    return found


def aligned(
    binder: Binder, kind: type[exp.Binary], left: Typed, right: Typed, position: int | None
) -> tuple[Typed, Typed]:
    """Both sides as DuckDB has to see them."""
    left, right = matched(binder, left, right)
    left, right = settle(binder, left), settle(binder, right)
    if not is_comparable(left.type, right.type):
        raise no_operator(SYMBOLS.get(kind, "="), [left, right], position)
    left, right = _align_numbers(left, right)
    left, right = _unpadded(left, right)
    if left.is_type(JSONB) and right.is_type(JSONB):
        left, right = (replace(side, node=jsonb_key(side.node)) for side in (left, right))
    if left.is_type(VECTOR) and right.is_type(VECTOR):  # of any dimensions
        left, right = (replace(side, node=cast(side.node, "FLOAT[]")) for side in (left, right))
    return left, right


def jsonb_key(node: Node) -> Node:
    """What compares as the document does in PostgreSQL; DuckDB would compare the texts."""
    return call("sqlvec_jsonb_key", cast(node, "VARCHAR"))


def _align_numbers(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """PostgreSQL compares numeric with float as float8."""
    kinds = {value.type.oid for value in (left, right) if value.type is not None}
    if NUMERIC.oid in kinds and kinds & {FLOAT4.oid, FLOAT8.oid}:
        return tuple(
            replace(v, node=cast(v.node, "DOUBLE"), type=FLOAT8) if v.is_type(NUMERIC) else v
            for v in (left, right)
        )  # type: ignore[return-value]
    return left, right


def _unpadded(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """The padding of char(n) does not count."""
    if not (left.is_type(BPCHAR) or right.is_type(BPCHAR)):
        return left, right
    sides = [replace(v, node=to_text(v)) if v.is_type(BPCHAR) else v for v in (left, right)]
    return sides[0], sides[1]
