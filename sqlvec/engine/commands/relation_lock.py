"""Locks on the tables that a command names."""

from __future__ import annotations

from collections.abc import Iterable

from sqlvec.core.schema import Table
from sqlvec.planner import statements as st

from ..locks.modes import Mode
from ..session import Session


def lock_named(session: Session, names: Iterable[st.Name], mode: Mode) -> None:
    """Lock the tables of these names, and see them as they are then. What is no table is left alone:
    the command itself says what is wrong with it.
    """
    oids = [oid for name in names if (oid := _locked(session, name, mode)) is not None]
    session.transaction.begin_statement(oids)


def _locked(session: Session, name: st.Name, mode: Mode) -> int | None:
    while True:
        found = session.catalog.relation(name.schema, name.name)
        if not isinstance(found, Table):
            return None
        if not session.transaction.lock_table(found.oid, mode):  # else it may have another name by now
            return found.oid
