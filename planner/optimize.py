"""RULES: the rewrites of a bound plan, in order, and the runner that applies them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .logical import QueryPlan
from .rules import vector_range, vector_top_k
from .surroundings import forget_definitions, remember_definitions


@dataclass(frozen=True, slots=True)
class Rule:
    """A rewrite; its name is its file's, in EXPLAIN and in its tests."""

    name: str
    apply: Callable[[QueryPlan], QueryPlan]


# Order: top-k first, since a block with both a LIMIT and a distance bound is answered best by the k
# nearest; what it leaves alone may still be a range.
RULES: tuple[Rule, ...] = (
    Rule(vector_top_k.NAME, vector_top_k.apply),
    Rule(vector_range.NAME, vector_range.apply),
)


def optimize(plan: QueryPlan) -> QueryPlan:
    """Apply every rule once."""
    remember_definitions(plan.tree)
    for rule in RULES:
        plan = rule.apply(plan)
    forget_definitions(plan.tree)
    return plan
