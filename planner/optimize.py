"""RULES: the rewrites of a bound plan, in order, and the runner that applies them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import cast

from .logical import QueryPlan
from .rules import vector_range, vector_top_k

# Order: top-k first, since a block with both a LIMIT and a distance bound is answered best by the k
# nearest; what it leaves alone may still be a range.
RULES: tuple[ModuleType, ...] = (vector_top_k, vector_range)


def optimize(plan: QueryPlan) -> QueryPlan:
    """Apply every rule once."""
    for rule in RULES:
        plan = cast("Callable[[QueryPlan], QueryPlan]", rule.apply)(plan)
    return plan
