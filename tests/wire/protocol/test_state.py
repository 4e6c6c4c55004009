from __future__ import annotations

import runpy
from pathlib import Path
from typing import get_args

from sqlvec.wire.protocol.backend_messages import (
    BackendMessage,
    CopyBothResponse,
    FatalErrorResponse,
    ReadyForQuery,
)
from sqlvec.wire.protocol.frontend_messages import FrontendMessage, Sync, Terminate
from sqlvec.wire.protocol.state import DROPPED, RECEIVED, SENT, Phase

ROOT = Path(__file__).parents[3]


def test_every_phase_can_be_reached() -> None:
    changes: dict[Phase, set[Phase]] = {phase: set() for phase in Phase}
    for table in (RECEIVED, SENT):
        for phase, row in table.items():
            changes[phase] |= set(row.values())
    reached, frontier = set(), {Phase.STARTUP}
    while frontier:
        reached |= frontier
        frontier = {end for start in frontier for end in changes[start]} - reached
    assert reached == set(Phase)


def test_every_message_has_a_place() -> None:
    received = {kind for row in RECEIVED.values() for kind in row}
    sent = {kind for row in SENT.values() for kind in row}
    assert received == set(get_args(FrontendMessage))
    assert sent == set(get_args(BackendMessage)) - {CopyBothResponse}  # replication only


def test_a_fatal_error_ends_every_phase() -> None:
    for phase in Phase:
        if phase is not Phase.CLOSED:
            assert SENT[phase][FatalErrorResponse] is Phase.CLOSED


def test_what_is_dropped_is_legal_there_and_keeps_the_phase() -> None:
    for phase, kinds in DROPPED.items():
        for kind in kinds:
            assert RECEIVED[phase][kind] is phase


def test_skipping_ends_only_at_sync_or_goodbye() -> None:
    leaving = {kind for kind, end in RECEIVED[Phase.SKIP_TO_SYNC].items() if end is not Phase.SKIP_TO_SYNC}
    assert leaving == {Sync, Terminate}


def test_phases_in_which_the_server_speaks_read_nothing() -> None:
    silent = {phase for phase in Phase if phase not in RECEIVED}
    assert silent == {
        Phase.ENCRYPTION,
        Phase.SASL,
        Phase.STARTING,
        Phase.SIMPLE_QUERY,
        Phase.SYNCING,
        Phase.CLOSED,
    }


def test_the_turn_is_the_clients_only_after_ready_for_query() -> None:
    to_idle = {
        kind
        for phase, row in SENT.items()
        for kind, end in row.items()
        if end is Phase.IDLE and phase is not Phase.IDLE
    }
    assert to_idle == {ReadyForQuery}


def test_the_diagram_in_the_docs_is_todays() -> None:
    page = (ROOT / "docs" / "architecture" / "wire.md").read_text()
    assert runpy.run_path(str(ROOT / "tools" / "state_diagram.py"))["rewritten"](page) == page
