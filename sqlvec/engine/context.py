"""CatalogContext of a session: what the system catalogs show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlvec.core.schema import Sequence
from sqlvec.storage.pg_catalog.context import BuildProgress, CatalogContext, SessionActivity

from .sequences import counter_name

if TYPE_CHECKING:
    from .session import Session


def session_context(session: Session) -> CatalogContext:
    """The context as of now."""
    store, state = session.store, session.transaction.catalog
    values = {
        sequence.oid: session.sequences.state(sequence.oid)[0]
        for sequence in state.each(Sequence)
        if store.counters.peek(counter_name(sequence.oid), first=sequence.start) != sequence.start
    }
    progress = tuple(
        BuildProgress(session.process_id, build.index_oid, build.table_oid, build.phase, build.done, build.total)
        for build in list(store.builds.values())
    )
    return CatalogContext(
        state,
        store.name,
        (store.name,),
        session.user,
        session.settings,
        statistics=store.statistics,
        progress=progress,
        sessions=_sessions(session),
        sequence_values=values,
    )


def _sessions(session: Session) -> tuple[SessionActivity, ...]:
    return tuple(
        SessionActivity(
            other.process_id,
            other.user,
            session.store.name,
            other.settings.get("application_name"),
            other.activity,
            other.query,
        )
        for other in session.engine.sessions()
    )
