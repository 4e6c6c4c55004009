"""INSERT, UPDATE and DELETE: bound into queries that yield the new or old rows, for the engine to write.

DuckDB never runs the client's DML itself: the engine takes the rows as Arrow, checks them with PostgreSQL's
constraints and messages, numbers them, writes them, and tells snapshots and indexes.
"""

from __future__ import annotations

from .assignment import assign, is_assignable, refuse_aggregates
from .copy_in import plan_copy
from .delete import plan_delete
from .insert import plan_insert
from .plans import (
    EXCLUDED,
    NEW_ROWS,
    DeletePlan,
    InsertPlan,
    ModifyPlan,
    OnConflict,
    Returning,
    RowRules,
    UpdatePlan,
)
from .rules import row_rules
from .update import plan_update

__all__ = [
    "EXCLUDED",
    "NEW_ROWS",
    "DeletePlan",
    "InsertPlan",
    "ModifyPlan",
    "OnConflict",
    "Returning",
    "RowRules",
    "UpdatePlan",
    "assign",
    "is_assignable",
    "plan_copy",
    "plan_delete",
    "plan_insert",
    "plan_update",
    "refuse_aggregates",
    "row_rules",
]
