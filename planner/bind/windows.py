"""Windows: OVER."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.types.type_errors import InvalidFrameOffset

from .aggregate_nodes import wrap_aggregates
from .binder import Binder
from .coerce import settle
from .function_arguments import bind_sort_keys
from .scope import Scope
from .typed import Node, Typed


def window(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    bind_window(binder, node, scope)

    def over(target: Node) -> Node:
        copy = node.copy()
        copy.set("this", target)
        return copy

    node.set("this", None)
    return Typed(wrap_aggregates(inner.node, over), inner.type, inner.typmod)


def bind_window(binder: Binder, node: Node, scope: Scope) -> None:
    """PARTITION BY and ORDER BY of a window, also of one in the WINDOW clause."""
    keys = node.args.get("partition_by") or []
    node.set("partition_by", [settle(binder, binder.expression(key, scope)).node for key in keys])
    order = node.args.get("order")
    if order is not None:
        bind_sort_keys(binder, order.expressions, scope)
    spec = node.args.get("spec")
    if spec is not None:
        _check_offset(spec, "start", "starting")
        _check_offset(spec, "end", "ending")


def _check_offset(spec: Node, side: str, name: str) -> None:
    """DuckDB takes a negative offset in ROWS."""
    offset = spec.args.get(side)
    if isinstance(offset, exp.Neg) and isinstance(offset.this, exp.Literal) and offset.this.this.strip("0."):
        raise InvalidFrameOffset(f"frame {name} offset must not be negative")
