from __future__ import annotations

from sqlvec.core.errors import AdminShutdown, Notice
from sqlvec.wire.conversation import Next
from sqlvec.wire.protocol import frontend_messages as f
from sqlvec.wire.rows import BLOCK_SIZE
from tests.wire.client_side import read, startup, to_bytes
from tests.wire.transcript import ConversationPair


def test_output_is_asked_to_leave_before_it_grows() -> None:
    pair = ConversationPair().connect()
    pair.conversation.receive_data(to_bytes(f.Query("rows 1000000 100")))
    burst = pair.conversation.advance()
    assert burst.next is Next.ADVANCE
    assert len(burst.output) < 3 * BLOCK_SIZE
    assert pair.backend.sessions[0].streams[0].count < 10_000


def test_a_finished_round_leaves_before_the_next_begins() -> None:
    pair = ConversationPair().connect()
    pair.conversation.receive_data(to_bytes(f.Query("nothing")) + to_bytes(f.Query("copy in")))
    burst = pair.conversation.advance()
    assert (burst.next, read(burst.output)) == (Next.ADVANCE, ["CommandComplete NOTHING", "ReadyForQuery I"])
    assert pair.backend.sessions[0].sinks == []


def test_a_pipeline_up_to_sync_is_one_burst() -> None:
    pair = ConversationPair().connect()
    messages = f.Parse("", "select 1"), f.Bind("", ""), f.Execute(""), f.Sync()
    pair.conversation.receive_data(b"".join(map(to_bytes, messages)))
    burst = pair.conversation.advance()
    assert burst.next is Next.READ
    assert len(read(burst.output)) == 5


def test_close_in_the_middle_of_rows_lets_go_of_everything() -> None:
    pair = ConversationPair().connect()
    pair.conversation.receive_data(to_bytes(f.Query("rows 1000000 100")))
    pair.conversation.advance()
    pair.conversation.close()
    (session,) = pair.backend.sessions
    assert session.streams[0].is_closed
    assert session.runs_left_early == 1
    assert session.is_closed


def test_close_before_a_session_is_open_closes_nothing() -> None:
    pair = ConversationPair()
    pair.conversation.close()
    assert pair.backend.sessions == []


def test_an_error_among_the_rows_closes_their_stream() -> None:
    pair = ConversationPair().connect()
    pair.exchange(to_bytes(f.Query("fail after 2")))
    assert pair.backend.sessions[0].streams[0].is_closed


def test_stop_speaks_instead_of_the_next_message() -> None:
    pair = ConversationPair().connect()
    pair.conversation.stop(AdminShutdown("terminating"))
    assert read(pair.exchange(to_bytes(f.Query("copy in")))) == ["ErrorResponse FATAL 57P01 'terminating'"]
    assert pair.is_closed
    assert pair.backend.sessions[0].sinks == []


def test_stop_during_a_copy_aborts_it() -> None:
    pair = ConversationPair().connect()
    pair.exchange(to_bytes(f.Query("copy in")))
    pair.conversation.stop(AdminShutdown("terminating"))
    assert read(pair.exchange(b"")) == ["ErrorResponse FATAL 57P01 'terminating'"]
    assert pair.backend.sessions[0].sinks[0].aborted == "the COPY ended early"


def test_stop_among_the_rows_ends_them() -> None:
    pair = ConversationPair().connect()
    pair.conversation.receive_data(to_bytes(f.Query("rows 1000000 100")))
    pair.conversation.advance()
    pair.conversation.stop(AdminShutdown("terminating"))
    assert read(pair.exchange(b"")) == ["ErrorResponse FATAL 57P01 'terminating'"]
    assert pair.backend.sessions[0].streams[0].is_closed


def test_a_session_that_cannot_even_fail_ends_the_connection() -> None:
    pair = ConversationPair().connect()

    def fail() -> None:
        raise RuntimeError("broken")

    pair.backend.sessions[0].fail = fail  # type: ignore[method-assign]
    assert read(pair.exchange(to_bytes(f.Query("fail")))) == [
        "ErrorResponse FATAL XX000 'internal error: broken'"
    ]
    assert pair.is_closed


def test_an_error_that_never_reached_the_session_ends_the_open_transaction() -> None:
    pair = ConversationPair().connect()
    pair.exchange(b"".join(map(to_bytes, (f.Parse("", "deferred"), f.Bind("", ""), f.Execute("")))))
    (session,) = pair.backend.sessions
    synced = []
    session.sync = lambda: synced.append(True)  # type: ignore[method-assign]
    pair.exchange(b"Q\0\0\0\6\xff\0")
    assert synced == [True]


def test_notices_of_the_start_are_told() -> None:
    pair = ConversationPair()
    open_session = pair.backend.open_session

    def open_with_notice(parameters: dict[str, str]) -> object:
        session = open_session(parameters)
        session._notices.append(Notice("welcome"))
        return session

    pair.backend.open_session = open_with_notice  # type: ignore[assignment,method-assign]
    assert "NoticeResponse NOTICE 00000 'welcome'" in read(pair.exchange(to_bytes(startup(user="u"))))


def test_a_flush_that_cannot_be_read_fails_as_an_extended_query_does() -> None:
    pair = ConversationPair().connect()
    (error,) = read(pair.exchange(b"H\0\0\0\x08junk"))
    assert error.startswith("ErrorResponse ERROR 08P01")
    assert read(pair.exchange(to_bytes(f.Query("nothing")))) == []
    assert read(pair.exchange(to_bytes(f.Sync()))) == ["ReadyForQuery I"]
