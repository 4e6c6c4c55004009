"""Policies: row-level security's word on rows about to be written."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from sqlvec.core.errors import InsufficientPrivilege
from sqlvec.core.schema import Table
from sqlvec.planner.bind.row_security import PolicyCheck
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.storage.duck import Cursor

from .text import quote


def check_policies(cursor: Cursor, table: Table, checks: Iterable[PolicyCheck], rows: pa.Table) -> None:
    """Raise 42501 for the first policy that a row does not pass; the message shows nothing of the row."""
    if not rows.num_rows:
        return
    with cursor.registered({NEW_ROWS: rows}):
        for check in checks:
            sql = (
                f"SELECT 1 FROM {NEW_ROWS} AS {quote(check.alias)} "
                f"WHERE NOT ({sql_of(check.predicate)}) LIMIT 1"
            )
            if cursor.rows(sql):
                raise _violation(table, check)


def _violation(table: Table, check: PolicyCheck) -> InsufficientPrivilege:
    which = f' "{check.name}"' if check.name is not None else ""
    using = " (USING expression)" if check.is_using else ""
    return InsufficientPrivilege(
        f'new row violates row-level security policy{which}{using} for table "{table.name}"'
    )
