"""Plans of data-modifying statements: what the binder tells the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlvec.core.schema import Table, UniqueConstraint
from sqlvec.core.types.pg_type import PgType

from ..access import Access
from ..bind.row_locks import LockingQuery
from ..bind.row_security import PolicyCheck
from ..bind.scope import ScopeColumn
from ..bind.typed import Node
from ..catalog import SystemRelation

NEW_ROWS = "sqlvec_new"  # what the engine registers: rows about to be written
EXCLUDED = "excluded"  # PostgreSQL's name of those rows in ON CONFLICT DO UPDATE


@dataclass(frozen=True, slots=True)
class Returning:
    """RETURNING: a query over NEW_ROWS, whose columns are the table's."""

    tree: Node
    columns: tuple[ScopeColumn, ...]


@dataclass(frozen=True, slots=True)
class RowRules:
    """What every new row must pass: expressions over NEW_ROWS."""

    generated: Mapping[str, Node] = field(default_factory=dict)
    checks: tuple[tuple[str, Node], ...] = ()
    policies: tuple[PolicyCheck, ...] = ()  # asked first, so that no other message tells of the row


@dataclass(frozen=True, slots=True)
class OnConflict:
    """ON CONFLICT. `constraint` None is any (DO NOTHING only); `assignments` None is DO NOTHING.

    Assignments and `where` are expressions over EXCLUDED (the new row) and `alias` (the table's row).
    """

    constraint: UniqueConstraint | None
    alias: str
    assignments: Mapping[str, Node] | None = None
    where: Node | None = None
    using: tuple[PolicyCheck, ...] = ()  # on the row in the way
    policies: tuple[PolicyCheck, ...] = ()  # on the row as it will be


@dataclass(frozen=True, slots=True)
class ModifyPlan:
    """What INSERT, UPDATE and DELETE have in common."""

    table: Table
    source: Node  # the query of the rows
    parameters: tuple[PgType, ...]
    system_relations: Mapping[str, SystemRelation]
    returning: Returning | None
    tables: frozenset[int]  # what `source` reads
    locking: tuple[LockingQuery, ...]  # what it wants locked first
    accesses: tuple[Access, ...] = field(kw_only=True)
    reads_session: bool = field(default=False, kw_only=True)  # holds values that settings had
    is_guarded: bool = field(default=False, kw_only=True)  # policies hide rows


@dataclass(frozen=True, slots=True)
class InsertPlan(ModifyPlan):
    """`source` yields every column in table order; `sequences` are those to number instead."""

    sequences: tuple[tuple[str, int], ...]
    rules: RowRules
    on_conflict: OnConflict | None


@dataclass(frozen=True, slots=True)
class UpdatePlan(ModifyPlan):
    """`source` yields the row id, changed columns, those that rules or RETURNING read, and what RETURNING
    wants of other tables.
    """

    changed: frozenset[str]
    rules: RowRules


@dataclass(frozen=True, slots=True)
class DeletePlan(ModifyPlan):
    """`source` yields the row id, and for RETURNING all columns and what it wants of other tables."""
