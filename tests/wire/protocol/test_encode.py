from __future__ import annotations

import struct
from typing import get_args

import pytest

from sqlvec.core.outcome import TransactionStatus
from sqlvec.wire.protocol import backend_messages as b
from sqlvec.wire.protocol.encode import encode
from sqlvec.wire.protocol.frontend_messages import CopyData, CopyDone
from tests.wire.client_side import read

FIELD = b.FieldDescription("ä", 2**32 - 1, 1, 23, 4, -1, 1)

MESSAGES: list[tuple[b.BackendMessage, bytes]] = [
    (b.EncryptionRefused(), b"N"),
    (b.EncryptionAccepted(), b"S"),
    (b.NegotiateProtocolVersion(0, ("_pq_.x",)), b"v\0\0\0\x13\0\3\0\0\0\0\0\1_pq_.x\0"),
    (b.AuthenticationOk(), b"R\0\0\0\x08\0\0\0\0"),
    (b.AuthenticationKerberosV5(), b"R\0\0\0\x08\0\0\0\2"),
    (b.AuthenticationCleartextPassword(), b"R\0\0\0\x08\0\0\0\3"),
    (b.AuthenticationMd5Password(b"salt"), b"R\0\0\0\x0c\0\0\0\5salt"),
    (b.AuthenticationGss(), b"R\0\0\0\x08\0\0\0\7"),
    (b.AuthenticationGssContinue(b"x"), b"R\0\0\0\x09\0\0\0\x08x"),
    (b.AuthenticationSspi(), b"R\0\0\0\x08\0\0\0\x09"),
    (b.AuthenticationSasl(("SCRAM-SHA-256",)), b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"),
    (b.AuthenticationSaslContinue(b"r=1"), b"R\0\0\0\x0b\0\0\0\x0br=1"),
    (b.AuthenticationSaslFinal(b"v=1"), b"R\0\0\0\x0b\0\0\0\x0cv=1"),
    (b.BackendKeyData(1, -1), b"K\0\0\0\x0c\0\0\0\1\xff\xff\xff\xff"),
    (b.ParameterStatus("a", "b"), b"S\0\0\0\x08a\0b\0"),
    (b.ReadyForQuery(TransactionStatus.FAILED), b"Z\0\0\0\5E"),
    (
        b.RowDescription((FIELD,)),
        b"T\0\0\0\x1b\0\1" + "ä".encode() + b"\0\xff\xff\xff\xff\0\1\0\0\0\x17\0\4\xff\xff\xff\xff\0\1",
    ),
    (b.DataRow((b"a", None)), b"D\0\0\0\x0f\0\2\0\0\0\1a\xff\xff\xff\xff"),
    (b.DataRowBlock(b"as it is"), b"as it is"),
    (b.CommandComplete("SELECT 1"), b"C\0\0\0\x0dSELECT 1\0"),
    (b.EmptyQueryResponse(), b"I\0\0\0\4"),
    (b.ErrorResponse((("M", "m"),)), b"E\0\0\0\x08Mm\0\0"),
    (b.FatalErrorResponse((("M", "m"),)), b"E\0\0\0\x08Mm\0\0"),
    (b.NoticeResponse((("M", "m"),)), b"N\0\0\0\x08Mm\0\0"),
    (b.NotificationResponse(7, "c", "p"), b"A\0\0\0\x0c\0\0\0\7c\0p\0"),
    (b.ParseComplete(), b"1\0\0\0\4"),
    (b.BindComplete(), b"2\0\0\0\4"),
    (b.CloseComplete(), b"3\0\0\0\4"),
    (b.ParameterDescription((23, 2**32 - 1)), b"t\0\0\0\x0e\0\2\0\0\0\x17\xff\xff\xff\xff"),
    (b.NoData(), b"n\0\0\0\4"),
    (b.PortalSuspended(), b"s\0\0\0\4"),
    (b.FunctionCallResponse(None), b"V\0\0\0\x08\xff\xff\xff\xff"),
    (b.CopyInResponse(True, (1, 1)), b"G\0\0\0\x0b\1\0\2\0\1\0\1"),
    (b.CopyOutResponse(False, (0,)), b"H\0\0\0\x09\0\0\1\0\0"),
    (b.CopyBothResponse(False, ()), b"W\0\0\0\7\0\0\0"),
    (CopyData(b"x"), b"d\0\0\0\5x"),
    (CopyDone(), b"c\0\0\0\4"),
]


@pytest.mark.parametrize(("message", "encoded"), MESSAGES, ids=lambda value: type(value).__name__)
def test_message_has_the_manuals_bytes(message: b.BackendMessage, encoded: bytes) -> None:
    assert encode(message) == encoded


def test_every_message_is_here() -> None:
    assert {type(message) for message, _ in MESSAGES} == set(get_args(b.BackendMessage))


def test_no_text_can_break_the_framing() -> None:
    encoded = encode(b.ErrorResponse((("M", "a\0b\ud800"), ("D", "d"))))
    assert struct.unpack_from("!I", encoded, 1)[0] == len(encoded) - 1
    assert encoded[5:] == b"Mab?\0Dd\0\0"


def test_a_cut_message_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        read(encode(b.CommandComplete("SELECT 1"))[:-1])
