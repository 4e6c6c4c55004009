from __future__ import annotations

import pytest

from sqlvec.core.errors import CharacterNotInRepertoire, ProtocolViolation
from sqlvec.wire.protocol import frontend_messages as f
from sqlvec.wire.protocol.decode import MESSAGE_OF_TYPE, decode
from sqlvec.wire.protocol.limits import GREATEST_LENGTH
from sqlvec.wire.protocol.state import ANSWER_TO_CHALLENGE
from tests.wire.client_side import to_bytes

MESSAGES: list[f.FrontendMessage] = [
    f.Query("select 'ä€😀'"),
    f.Parse("name", "select $1", (0, 2**32 - 1)),
    f.Bind("portal", "statement", (0, 1), (b"", None), (1, 1, 0)),
    f.Describe(f.Target.STATEMENT, ""),
    f.Execute("portal", 2**31 - 1),
    f.Close(f.Target.PORTAL, "p"),
    f.Flush(),
    f.Sync(),
    f.FunctionCall(b"anything"),
    f.CopyData(b"\0\xff"),
    f.CopyDone(),
    f.CopyFail("why"),
    f.PasswordMessage(b"secret\0"),
    f.SaslInitialResponse("SCRAM-SHA-256", b"n,,n=,r=x"),
    f.SaslInitialResponse("SCRAM-SHA-256"),
    f.SaslResponse(b"c=biws,r=x,p=y"),
    f.Terminate(),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_message_survives_its_bytes(message: f.FrontendMessage) -> None:
    sent = to_bytes(message)
    kind = MESSAGE_OF_TYPE[sent[0]]
    assert type(message) in (ANSWER_TO_CHALLENGE.values() if kind is f.PasswordMessage else (kind,))
    assert decode(type(message), sent[5:]) == message


CUTS = [
    (message, cut)
    for message in MESSAGES
    if not isinstance(
        message, f.CopyData | f.PasswordMessage | f.SaslResponse | f.FunctionCall
    )  # any bytes will do
    for cut in range(len(to_bytes(message)) - 5)
]


@pytest.mark.parametrize(("message", "cut"), CUTS)
def test_message_cut_off_anywhere_is_the_clients_fault(message: f.FrontendMessage, cut: int) -> None:
    with pytest.raises(ProtocolViolation):
        decode(type(message), to_bytes(message)[5 : 5 + cut])


def test_every_typed_message_has_a_limit() -> None:
    assert set(GREATEST_LENGTH) == {*MESSAGE_OF_TYPE.values(), *ANSWER_TO_CHALLENGE.values()}


def test_strangers_have_small_limits() -> None:
    assert all(GREATEST_LENGTH[kind] <= 10_000 for kind in ANSWER_TO_CHALLENGE.values())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"\xff", "0xff"),
        (b"\x80", "0x80"),
        (b"\xc3(", "0xc3 0x28"),
        (b"\xe2\x82", "0xe2 0x82"),
        (b"\xed\xa0\x80", "0xed 0xa0 0x80"),
        (b"\xf0\x9f\x98", "0xf0 0x9f 0x98"),
        (b"\xc0\xaf", "0xc0 0xaf"),
    ],
)
def test_bad_utf8_is_shown_as_postgresql_shows_it(raw: bytes, shown: str) -> None:
    with pytest.raises(CharacterNotInRepertoire) as failure:
        decode(f.Query, b"ab" + raw + b"\0")
    assert failure.value.message == f'invalid byte sequence for encoding "UTF8": {shown}'


def test_a_negative_value_length_is_refused() -> None:
    with pytest.raises(ProtocolViolation):
        decode(f.Bind, b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0")


def test_a_count_greater_than_the_message_takes_no_memory() -> None:
    with pytest.raises(ProtocolViolation, match="insufficient data left in message"):
        decode(f.Parse, b"\0\0\xff\xff")


def test_a_negative_row_limit_means_all() -> None:
    assert decode(f.Execute, b"\0\xff\xff\xff\xff") == f.Execute("", 0)
