"""Simple query: one Query message, several statements perhaps."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.outcome import Outcome, Rows

from ..dialogue import Dialogue
from ..protocol.backend_messages import ReadyForQuery
from ..protocol.frontend_messages import Query
from .client_state import ClientState
from .result import row_description, tell_outcome


def simple_query(state: ClientState, message: Query) -> Dialogue:
    outcomes = state.session.run_simple(message.sql)
    try:
        yield from _outcomes(state, outcomes)
    finally:
        # An iterator left early holds a transaction open; an error in encoding must roll it back.
        close = getattr(outcomes, "close", None)
        if close is not None:
            close()
    yield from ready(state)


def ready(state: ClientState) -> Dialogue:
    """What closes a round: the news, then the client's turn."""
    yield from state.notices()
    # As PostgreSQL since 14: once per round, however often a setting changed.
    yield from state.changed_settings()
    yield ReadyForQuery(state.session.status)


def _outcomes(state: ClientState, outcomes: Iterator[Outcome]) -> Dialogue:
    for outcome in outcomes:
        if isinstance(outcome, Rows):
            yield row_description(outcome.stream.columns, ())
        yield from tell_outcome(state, outcome, ())
