"""plan_query: a parsed query to an optimised plan."""

from __future__ import annotations

from sqlvec.core.types.pg_type import PgType

from .bind.binder import Binder
from .bind.expressions import HANDLERS
from .bind.query import bind_query
from .bind.typed import Node
from .catalog import Catalog
from .logical import QueryPlan
from .optimize import optimize


def new_binder(
    catalog: Catalog, text: str, parameter_count: int = 0, declared: tuple[PgType | None, ...] = ()
) -> Binder:
    """A binder over the standard handlers."""
    return Binder(catalog, text, parameter_count, declared, handlers=HANDLERS, bind_query=bind_query)


def plan_query(
    tree: Node,
    catalog: Catalog,
    text: str,
    parameter_count: int = 0,
    declared: tuple[PgType | None, ...] = (),
    *,
    use_searches: bool = True,
) -> QueryPlan:
    """Bind and optimise; `use_searches` False leaves every vector search to DuckDB, exactly."""
    binder = new_binder(catalog, text, parameter_count, declared)
    bound = bind_query(binder, tree.copy(), None)
    plan = QueryPlan(
        bound.tree,
        bound.columns,
        binder.parameters.types(),
        frozenset(binder.tables),
        dict(binder.system_relations),
        binder.is_volatile,
        tuple(binder.locking),
        accesses=tuple(binder.accesses),
        is_guarded=binder.is_guarded,
    )
    return optimize(plan) if use_searches else plan
