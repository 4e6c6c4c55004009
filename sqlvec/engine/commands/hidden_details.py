"""Hidden details: errors of constraints show values of rows, which not everybody may see."""

from __future__ import annotations

from sqlvec.core.errors import InsufficientPrivilege, SqlError
from sqlvec.core.schema import Table

from ..session import Session
from .permissions import authority_of

_INTEGRITY = "23"  # the class of SQLSTATEs whose details show keys and rows


def hide_details(session: Session, error: SqlError) -> None:
    """Take the detail away unless the role may read the whole table, and row-level security hides nothing."""
    if not error.sqlstate.startswith(_INTEGRITY) or error.detail is None:
        return
    authority = authority_of(session)
    if authority.is_superuser:
        return
    table = session.transaction.catalog.relation(error.schema or "public", error.table or "")
    is_open = isinstance(table, Table) and authority.privileges.has(table, "r")
    if not is_open or (isinstance(table, Table) and _is_guarded(session, table)):
        error.detail = None


def _is_guarded(session: Session, table: Table) -> bool:
    try:
        return session.catalog.is_guarded(table, None)
    except InsufficientPrivilege:  # row_security is off
        return True
