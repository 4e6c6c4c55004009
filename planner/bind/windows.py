"""Windows: OVER."""

from __future__ import annotations

from .aggregates import innermost_call
from .binder import Binder
from .coerce import settle
from .scope import Scope
from .typed import (
    Node,
    Typed,
)  # fmt: skip


def window(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    target, outer = innermost_call(inner.node)
    node.set("this", target)
    for key in ("partition_by",):
        node.set(
            key, [settle(binder, binder.expression(item, scope)).node for item in node.args.get(key) or []]
        )
    order = node.args.get("order")
    for item in order.expressions if order is not None else ():
        item.set("this", settle(binder, binder.expression(item.this, scope)).node)
    result = node
    for wrapper in reversed(outer):
        wrapper.set("this", result)
        result = wrapper
    return Typed(result, inner.type, inner.typmod)
