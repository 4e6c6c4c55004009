"""Encode: a backend message to its bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from .backend_messages import (
    AuthenticationCleartextPassword,
    AuthenticationGss,
    AuthenticationGssContinue,
    AuthenticationKerberosV5,
    AuthenticationMd5Password,
    AuthenticationOk,
    AuthenticationSasl,
    AuthenticationSaslContinue,
    AuthenticationSaslFinal,
    AuthenticationSspi,
    BackendKeyData,
    BackendMessage,
    BindComplete,
    CloseComplete,
    CommandComplete,
    CopyBothResponse,
    CopyInResponse,
    CopyOutResponse,
    DataRow,
    DataRowBlock,
    EmptyQueryResponse,
    EncryptionAccepted,
    EncryptionRefused,
    ErrorResponse,
    FatalErrorResponse,
    FunctionCallResponse,
    NegotiateProtocolVersion,
    NoData,
    NoticeResponse,
    NotificationResponse,
    ParameterDescription,
    ParameterStatus,
    ParseComplete,
    PortalSuspended,
    ReadyForQuery,
    RowDescription,
)
from .frontend_messages import CopyData, CopyDone

_NULL = b"\xff\xff\xff\xff"  # length -1


def encode(message: BackendMessage) -> bytes:
    return _ENCODERS[type(message)](message)


def _frame(letter: bytes, body: bytes) -> bytes:
    return letter + struct.pack("!I", len(body) + 4) + body


def _constant(encoded: bytes) -> Callable[[Any], bytes]:
    return lambda message: encoded


def _string(text: str) -> bytes:
    # A reply must never break the framing, whatever an error message quotes.
    return text.encode(errors="replace").replace(b"\0", b"") + b"\0"


def _authentication(number: int) -> bytes:
    return _frame(b"R", struct.pack("!I", number))


def _negotiate(message: NegotiateProtocolVersion) -> bytes:
    # The whole version number, as PostgreSQL sends it, though the manual says "minor".
    head = struct.pack("!II", 3 << 16 | message.newest_minor, len(message.unknown_options))
    return _frame(b"v", head + b"".join(map(_string, message.unknown_options)))


def _md5_password(message: AuthenticationMd5Password) -> bytes:
    return _frame(b"R", struct.pack("!I4s", 5, message.salt))


def _sasl(message: AuthenticationSasl) -> bytes:
    return _frame(b"R", struct.pack("!I", 10) + b"".join(map(_string, message.mechanisms)) + b"\0")


def _sasl_continue(message: AuthenticationSaslContinue) -> bytes:
    return _frame(b"R", struct.pack("!I", 11) + message.challenge)


def _sasl_final(message: AuthenticationSaslFinal) -> bytes:
    return _frame(b"R", struct.pack("!I", 12) + message.outcome)


def _gss_continue(message: AuthenticationGssContinue) -> bytes:
    return _frame(b"R", struct.pack("!I", 8) + message.challenge)


def _backend_key_data(message: BackendKeyData) -> bytes:
    key = message.secret_key & 0xFFFFFFFF  # backends may count it signed or unsigned
    return _frame(b"K", struct.pack("!II", message.process_id & 0xFFFFFFFF, key))


def _parameter_status(message: ParameterStatus) -> bytes:
    return _frame(b"S", _string(message.name) + _string(message.value))


def _ready_for_query(message: ReadyForQuery) -> bytes:
    return b"Z\0\0\0\5" + message.status.value


def _row_description(message: RowDescription) -> bytes:
    pieces = [struct.pack("!H", len(message.fields))]
    for field in message.fields:
        pieces.append(_string(field.name))
        pieces.append(
            struct.pack(
                "!IhIhih",
                field.table_oid,
                field.attribute_number,
                field.type_oid,
                field.type_length,
                field.typmod,
                field.format,
            )
        )
    return _frame(b"T", b"".join(pieces))


def _data_row(message: DataRow) -> bytes:
    pieces = [struct.pack("!H", len(message.values))]
    for value in message.values:
        if value is None:
            pieces.append(_NULL)
        else:
            pieces.append(struct.pack("!I", len(value)))
            pieces.append(value)
    return _frame(b"D", b"".join(pieces))


def _command_complete(message: CommandComplete) -> bytes:
    return _frame(b"C", _string(message.tag))


def _report(letter: bytes) -> Callable[[ErrorResponse | FatalErrorResponse | NoticeResponse], bytes]:
    def encode_report(message: ErrorResponse | FatalErrorResponse | NoticeResponse) -> bytes:
        fields = b"".join([code.encode() + _string(text) for code, text in message.fields])
        return _frame(letter, fields + b"\0")

    return encode_report


def _notification(message: NotificationResponse) -> bytes:
    head = struct.pack("!i", message.process_id)
    return _frame(b"A", head + _string(message.channel) + _string(message.payload))


def _parameter_description(message: ParameterDescription) -> bytes:
    count = len(message.oids)
    return _frame(b"t", struct.pack(f"!H{count}I", count, *message.oids))


def _function_call_response(message: FunctionCallResponse) -> bytes:
    value = message.value
    return _frame(b"V", _NULL if value is None else struct.pack("!I", len(value)) + value)


def _copy_response(
    letter: bytes,
) -> Callable[[CopyInResponse | CopyOutResponse | CopyBothResponse], bytes]:
    def encode_copy_response(message: CopyInResponse | CopyOutResponse | CopyBothResponse) -> bytes:
        formats = message.column_formats
        body = struct.pack(f"!bH{len(formats)}h", message.is_binary, len(formats), *formats)
        return _frame(letter, body)

    return encode_copy_response


_ENCODERS: dict[type[BackendMessage], Callable[[Any], bytes]] = {
    EncryptionRefused: _constant(b"N"),
    EncryptionAccepted: _constant(b"S"),
    NegotiateProtocolVersion: _negotiate,
    AuthenticationOk: _constant(_authentication(0)),
    AuthenticationKerberosV5: _constant(_authentication(2)),
    AuthenticationCleartextPassword: _constant(_authentication(3)),
    AuthenticationMd5Password: _md5_password,
    AuthenticationGss: _constant(_authentication(7)),
    AuthenticationGssContinue: _gss_continue,
    AuthenticationSspi: _constant(_authentication(9)),
    AuthenticationSasl: _sasl,
    AuthenticationSaslContinue: _sasl_continue,
    AuthenticationSaslFinal: _sasl_final,
    BackendKeyData: _backend_key_data,
    ParameterStatus: _parameter_status,
    ReadyForQuery: _ready_for_query,
    RowDescription: _row_description,
    DataRow: _data_row,
    DataRowBlock: lambda message: message.encoded,
    CommandComplete: _command_complete,
    EmptyQueryResponse: _constant(_frame(b"I", b"")),
    ErrorResponse: _report(b"E"),
    FatalErrorResponse: _report(b"E"),
    NoticeResponse: _report(b"N"),
    NotificationResponse: _notification,
    ParseComplete: _constant(_frame(b"1", b"")),
    BindComplete: _constant(_frame(b"2", b"")),
    CloseComplete: _constant(_frame(b"3", b"")),
    ParameterDescription: _parameter_description,
    NoData: _constant(_frame(b"n", b"")),
    PortalSuspended: _constant(_frame(b"s", b"")),
    FunctionCallResponse: _function_call_response,
    CopyInResponse: _copy_response(b"G"),
    CopyOutResponse: _copy_response(b"H"),
    CopyBothResponse: _copy_response(b"W"),
    CopyData: lambda message: _frame(b"d", message.piece),
    CopyDone: _constant(_frame(b"c", b"")),
}
