"""CatalogContext of a session: what the system catalogs show."""

from __future__ import annotations

from collections.abc import Sequence as Sequences
from typing import Protocol

from sqlvec.core.schema import Sequence
from sqlvec.storage.pg_catalog.context import (
    BuildProgress,
    CatalogContext,
    CursorDeclared,
    Lock,
    SessionActivity,
)

from .portal import Portal
from .portals import Portals
from .sequences import SequenceNumbers, counter_name
from .transaction import Transaction


class Observed(Protocol):
    """A session, as far as the catalogs show it."""

    @property
    def process_id(self) -> int: ...

    @property
    def user(self) -> str: ...

    @property
    def role(self) -> int: ...

    @property
    def activity(self) -> str: ...

    @property
    def query(self) -> str: ...

    @property
    def transaction(self) -> Transaction: ...

    @property
    def portals(self) -> Portals: ...

    @property
    def sequences(self) -> SequenceNumbers: ...


def session_context(session: Observed, others: Sequences[Observed]) -> CatalogContext:
    """The context as of now; `others` are all sessions."""
    transaction = session.transaction
    store, state = transaction.store, transaction.catalog
    values = {
        sequence.oid: session.sequences.state(sequence.oid)[0]
        for sequence in state.each(Sequence)
        if store.counters.peek(counter_name(sequence.oid), first=sequence.start) != sequence.start
    }
    progress = tuple(
        BuildProgress(
            session.process_id, build.index_oid, build.table_oid, build.phase, build.done, build.total
        )
        for build in list(store.builds.values())
    )
    return CatalogContext(
        state,
        store.name,
        (store.name,),
        session.user,
        transaction.settings,
        statistics=store.statistics,
        progress=progress,
        sessions=_sessions(store.name, others),
        locks=_locks(session),
        cursors=tuple(_cursor(portal) for portal in session.portals.cursors()),
        sequence_values=values,
        role=session.role,
    )


def _cursor(portal: Portal) -> CursorDeclared:
    declared = portal.declared
    assert declared is not None
    return CursorDeclared(
        declared.name, portal.prepared.sql, declared.is_held, declared.is_scrollable, portal.created
    )


def _locks(session: Observed) -> tuple[Lock, ...]:
    return tuple(
        Lock(
            state.process_id,
            state.resource.kind,
            state.resource.table_oid,
            state.resource.key,
            state.mode.value,
            state.is_granted,
        )
        for state in session.transaction.locks.manager.states()
    )


def _sessions(database: str, sessions: Sequences[Observed]) -> tuple[SessionActivity, ...]:
    return tuple(
        SessionActivity(
            other.process_id,
            other.user,
            database,
            other.transaction.settings.get("application_name"),
            other.activity,
            other.query,
        )
        for other in sessions
    )
