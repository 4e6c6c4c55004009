"""Logical plans: a query for DuckDB in which vector searches stand as tables of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from sqlvec.core.types.pg_type import PgType

from .access import Access
from .bind.row_locks import LockingQuery
from .bind.row_security import Guard
from .bind.scope import ScopeColumn
from .bind.typed import Node
from .catalog import SystemRelation


@dataclass(frozen=True, slots=True)
class Radius:
    """Keep rows whose distance is below (or at) a bound."""

    bound: Node
    is_inclusive: bool


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """The rows of one table nearest to a vector: top k, or all within a radius.

    `operand`, `limit`, `offset`, `filter` and the radius are bound DuckDB expressions; `filter` refers to
    the table by `alias`. `columns` are those that the rest of the query reads. `needs_ties` asks for all
    rows as near as the k-th, because more sort keys follow the distance. With `nulls_first`, rows without a
    vector come before all others.
    """

    number: int
    table_oid: int
    alias: str
    column: str
    metric: str
    symbol: str
    operand: Node
    columns: tuple[str, ...]
    limit: Node | None = None
    offset: Node | None = None
    radius: Radius | None = None
    filter: Node | None = None
    needs_ties: bool = False
    nulls_first: bool = False
    guard: Guard | None = None  # row-level security, asked before the filter

    @property
    def is_filtered(self) -> bool:
        return self.filter is not None or self.guard is not None

    @property
    def storage_name(self) -> str:
        return f"sqlvec_search_{self.number}"


DISTANCE = "sqlvec_distance"  # the column of a search's result that holds the distance


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A bound query. The tree belongs to the plan: rules may change it in place."""

    tree: Node
    columns: tuple[ScopeColumn, ...]
    parameters: tuple[PgType, ...] = ()
    tables: frozenset[int] = frozenset()
    system_relations: Mapping[str, SystemRelation] = field(default_factory=dict)
    is_volatile: bool = False
    locking: tuple[LockingQuery, ...] = ()
    searches: tuple[VectorSearch, ...] = ()
    applied_rules: tuple[str, ...] = ()
    accesses: tuple[Access, ...] = ()
    is_guarded: bool = False  # policies hide rows: EXPLAIN must not tell how many

    @property
    def mixes_sources(self) -> bool:
        """Whether snapshots and DuckDB's tables, or several snapshots, answer it together."""
        if not self.searches:
            return False
        names = {search.storage_name for search in self.searches}
        searched = {search.table_oid for search in self.searches}
        return (
            len(self.searches) > 1
            or self.tables != searched
            or any(table.name not in names for table in self.tree.find_all(exp.Table))
        )

    def with_search(self, search: VectorSearch, rule: str) -> QueryPlan:
        return replace(self, searches=(*self.searches, search), applied_rules=(*self.applied_rules, rule))


def sql_of(node: Node) -> str:
    """The DuckDB text of a bound tree; parameters print as $p1, to be given by name."""
    return node.sql(dialect="duckdb")


def parameters_of(node: Node) -> frozenset[int]:
    """The numbers of the parameters that a tree mentions."""
    return frozenset(int(found.this.this) for found in node.find_all(exp.Parameter))
