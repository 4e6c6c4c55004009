from __future__ import annotations

import pytest

from sqlvec.core.errors import ProtocolViolation, Severity, SqlError
from sqlvec.core.outcome import TransactionStatus
from sqlvec.wire.protocol import backend_messages as b
from sqlvec.wire.protocol import frontend_messages as f
from sqlvec.wire.protocol.connection import NEED_DATA, PAUSED, Connection
from sqlvec.wire.protocol.state import Phase
from tests.wire.client_side import startup, to_bytes


def idle_connection() -> Connection:
    connection = Connection()
    connection.receive_data(to_bytes(startup(user="u")))
    assert connection.next_event() == startup(user="u")
    connection.send(b.AuthenticationOk())
    connection.send(b.ReadyForQuery(TransactionStatus.IDLE))
    return connection


def test_nothing_received_needs_data() -> None:
    connection = Connection()
    assert connection.next_event() is NEED_DATA
    assert connection.missing == 8


def test_a_pipelined_message_waits_until_the_server_has_spoken() -> None:
    connection = idle_connection()
    connection.receive_data(to_bytes(f.Query("one")) + to_bytes(f.Query("two")))
    assert connection.next_event() == f.Query("one")
    assert connection.next_event() is PAUSED
    connection.send(b.ReadyForQuery(TransactionStatus.IDLE))
    assert connection.next_event() == f.Query("two")


def test_every_split_of_a_start_up_gives_the_same_message() -> None:
    packet = to_bytes(startup(user="u", database="d"))
    for cut in range(1, len(packet)):
        connection = Connection()
        connection.receive_data(packet[:cut])
        assert connection.next_event() is NEED_DATA
        assert connection.missing > 0
        connection.receive_data(packet[cut:])
        assert connection.missing == 0
        assert connection.next_event() == startup(user="u", database="d")


def test_every_split_of_a_pipeline_gives_the_same_messages() -> None:
    messages: list[f.FrontendMessage] = [
        f.Parse("p", "select $1", (23,)),
        f.Bind("c", "p", (1,), (b"\0\0\0\1", None), (0,)),
        f.Describe(f.Target.PORTAL, "c"),
        f.Execute("c", 7),
        f.Close(f.Target.STATEMENT, "p"),
        f.Flush(),
        f.Sync(),
    ]
    sent = b"".join(map(to_bytes, messages))
    for cut in range(1, len(sent)):
        connection = idle_connection()
        events = []
        for piece in (sent[:cut], sent[cut:]):
            connection.receive_data(piece)
            while not isinstance(event := connection.next_event(), type(NEED_DATA)):
                events.append(event)
        assert events == messages


def test_missing_tells_how_much_of_a_message_is_still_to_come() -> None:
    connection = idle_connection()
    message = to_bytes(f.Query("x" * 1000))
    connection.receive_data(message[:5])
    assert connection.missing == len(message) - 5
    connection.receive_data(message[5:-1])
    assert connection.missing == 1


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"Q\x40\0\0\0", "invalid message length"),
        (b"Q\0\0\0\3", "invalid message length"),
        (b"S\0\0\x27\x11", "invalid message length"),
        (b"H\0\0\x27\x11", "invalid message length"),
        (b"y\0\0\0\4", "invalid frontend message type 121"),
        (b"p\0\0\0\4", "invalid frontend message type 112"),
    ],
)
def test_a_bad_head_is_fatal_before_its_body_comes(head: bytes, message: str) -> None:
    connection = idle_connection()
    connection.receive_data(head)
    assert connection.missing == 0
    with pytest.raises(ProtocolViolation, match=message) as failure:
        connection.next_event()
    assert failure.value.severity is Severity.FATAL


def test_the_greatest_query_is_waited_for() -> None:
    connection = idle_connection()
    connection.receive_data(b"Q" + (2**30 - 2).to_bytes(4, "big"))
    assert connection.next_event() is NEED_DATA
    assert connection.missing == 2**30 - 6


def test_a_malformed_body_fails_its_message_only() -> None:
    connection = idle_connection()
    connection.receive_data(b"B\0\0\0\5\0" + to_bytes(f.Sync()))
    with pytest.raises(SqlError) as failure:
        connection.next_event()
    assert failure.value.severity is Severity.ERROR
    assert connection.phase is Phase.EXTENDED_QUERY
    connection.send(b.ErrorResponse(()))
    assert connection.next_event() == f.Sync()


def test_sending_out_of_turn_is_our_bug() -> None:
    with pytest.raises(AssertionError, match="DataRow cannot be sent in phase 'idle'"):
        idle_connection().send(b.DataRow(()))


def test_consumed_bytes_are_let_go() -> None:
    connection = idle_connection()
    for _ in range(100):
        connection.receive_data(to_bytes(f.Query("x" * 10_000)))
        connection.next_event()
        connection.send(b.ReadyForQuery(TransactionStatus.IDLE))
    assert not connection.has_received
    assert len(connection._received) < 11_000
