"""Decode: the body of one frontend message to its value."""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

from sqlvec.core.errors import (
    CharacterNotInRepertoire,
    FeatureNotSupported,
    ProtocolViolation,
    Severity,
)

from .frontend_messages import (
    Bind,
    CancelRequest,
    Close,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    Execute,
    Flush,
    FrontendMessage,
    FunctionCall,
    GssEncRequest,
    Parse,
    PasswordMessage,
    Query,
    SaslInitialResponse,
    SaslResponse,
    SslRequest,
    StartupMessage,
    Sync,
    Target,
    Terminate,
)
from .limits import CANCEL_REQUEST_LENGTH

MESSAGE_OF_TYPE: dict[int, type[FrontendMessage]] = {
    ord("Q"): Query,
    ord("P"): Parse,
    ord("B"): Bind,
    ord("D"): Describe,
    ord("E"): Execute,
    ord("C"): Close,
    ord("H"): Flush,
    ord("S"): Sync,
    ord("F"): FunctionCall,
    ord("d"): CopyData,
    ord("c"): CopyDone,
    ord("f"): CopyFail,
    ord("p"): PasswordMessage,
    ord("X"): Terminate,
}


class _Code(IntEnum):
    """Numbers that stand where a start-up packet tells its protocol version."""

    CANCEL = 1234 << 16 | 5678
    SSL = 1234 << 16 | 5679
    GSSENC = 1234 << 16 | 5680


_INT16 = struct.Struct("!h")
_UINT16 = struct.Struct("!H")
_INT32 = struct.Struct("!i")
_UINT32 = struct.Struct("!I")
_INT32_PAIR = struct.Struct("!ii")

_Message = TypeVar("_Message", bound=FrontendMessage)


def decode(kind: type[FrontendMessage], body: bytes) -> FrontendMessage:
    """The message of class `kind`; `body` is what follows the length."""
    return _DECODERS[kind](body)


def startup_kind(code: int) -> type[FrontendMessage]:
    """Which message a start-up packet is, by the number that opens it."""
    match code:
        case _Code.CANCEL:
            return CancelRequest
        case _Code.SSL:
            return SslRequest
        case _Code.GSSENC:
            return GssEncRequest
        case _:
            return StartupMessage


def unsupported_protocol(version: int) -> FeatureNotSupported:
    return FeatureNotSupported(
        f"unsupported frontend protocol {version >> 16}.{version & 0xFFFF}: server supports 3.0 to 3.0",
        severity=Severity.FATAL,
    )


class _Cursor:
    """Reads one body from left to right; running out of bytes is the client's fault, not ours."""

    __slots__ = ("_body", "_offset")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._offset = 0

    def number(self, layout: struct.Struct) -> int:
        offset = self._offset
        self._offset = offset + layout.size
        try:
            value: int = layout.unpack_from(self._body, offset)[0]
        except struct.error:
            raise _short() from None
        return value

    def numbers(self, letter: str) -> tuple[int, ...]:
        """A 16-bit count, then as many numbers of struct's `letter`."""
        count = self.number(_UINT16)
        layout = struct.Struct(f"!{count}{letter}")
        offset = self._offset
        self._offset = offset + layout.size
        if self._offset > len(self._body):
            raise _short()
        return layout.unpack_from(self._body, offset)

    def string(self) -> str:
        end = self._body.find(b"\0", self._offset)
        if end < 0:
            raise ProtocolViolation("invalid string in message")
        raw = self._body[self._offset : end]
        self._offset = end + 1
        return _text(raw)

    def value(self) -> bytes | None:
        """A 32-bit length, then as many bytes; length -1 is NULL."""
        length = self.number(_INT32)
        if length == -1:
            return None
        start = self._offset
        self._offset = start + length
        if length < 0 or self._offset > len(self._body):
            raise _short()
        return self._body[start : self._offset]

    def target(self, command: str) -> Target:
        letter = self._body[self._offset : self._offset + 1]
        self._offset += 1
        if letter == b"S":
            return Target.STATEMENT
        if letter == b"P":
            return Target.PORTAL
        if not letter:
            raise _short()
        raise ProtocolViolation(f"invalid {command} message subtype {letter[0]}")

    def at_end(self, message: _Message) -> _Message:
        """`message`, if nothing is left over."""
        if self._offset != len(self._body):
            raise ProtocolViolation("invalid message format")
        return message


def _short() -> ProtocolViolation:
    return ProtocolViolation("insufficient data left in message")


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        # PostgreSQL shows the bytes the lead byte promises, as far as there are any.
        lead = raw[error.start]
        promised = 2 if lead >> 5 == 0b110 else 3 if lead >> 4 == 0b1110 else 4 if lead >> 3 == 0b11110 else 1
        shown = " ".join(f"0x{byte:02x}" for byte in raw[error.start : error.start + promised])
        raise CharacterNotInRepertoire(f'invalid byte sequence for encoding "UTF8": {shown}') from None


def _startup(body: bytes) -> StartupMessage:
    version = _UINT32.unpack_from(body)[0]
    major, minor = version >> 16, version & 0xFFFF
    if major != 3:
        raise unsupported_protocol(version)
    parameters: dict[str, str] = {}
    offset = 4
    while (end := body.find(b"\0", offset)) > offset:
        value_end = body.find(b"\0", end + 1)
        if value_end < 0:
            break
        parameters[_text(body[offset:end])] = _text(body[end + 1 : value_end])
        offset = value_end + 1
    if offset != len(body) - 1 or body[offset] != 0:
        raise ProtocolViolation(
            "invalid startup packet layout: expected terminator as last byte", severity=Severity.FATAL
        )
    return StartupMessage(major, minor, parameters)


def _cancel_request(body: bytes) -> CancelRequest:
    if len(body) + 4 != CANCEL_REQUEST_LENGTH:
        raise ProtocolViolation("invalid length of query cancel packet", severity=Severity.FATAL)
    return CancelRequest(*_INT32_PAIR.unpack_from(body, 4))


def _query(body: bytes) -> Query:
    cursor = _Cursor(body)
    return cursor.at_end(Query(cursor.string()))


def _parse(body: bytes) -> Parse:
    cursor = _Cursor(body)
    return cursor.at_end(Parse(cursor.string(), cursor.string(), cursor.numbers("I")))


def _bind(body: bytes) -> Bind:
    cursor = _Cursor(body)
    portal, statement, formats = cursor.string(), cursor.string(), cursor.numbers("h")
    parameters = tuple([cursor.value() for _ in range(cursor.number(_UINT16))])
    return cursor.at_end(Bind(portal, statement, formats, parameters, cursor.numbers("h")))


def _describe(body: bytes) -> Describe:
    cursor = _Cursor(body)
    return cursor.at_end(Describe(cursor.target("DESCRIBE"), cursor.string()))


def _execute(body: bytes) -> Execute:
    cursor = _Cursor(body)
    # PostgreSQL takes a negative limit as "all".
    return cursor.at_end(Execute(cursor.string(), max(0, cursor.number(_INT32))))


def _close(body: bytes) -> Close:
    cursor = _Cursor(body)
    return cursor.at_end(Close(cursor.target("CLOSE"), cursor.string()))


def _sasl_initial_response(body: bytes) -> SaslInitialResponse:
    cursor = _Cursor(body)
    return cursor.at_end(SaslInitialResponse(cursor.string(), cursor.value()))


def _copy_fail(body: bytes) -> CopyFail:
    cursor = _Cursor(body)
    return cursor.at_end(CopyFail(cursor.string()))


def _bodyless(message: FrontendMessage) -> Callable[[bytes], FrontendMessage]:
    def decode_bodyless(body: bytes) -> FrontendMessage:
        if body:
            raise ProtocolViolation("invalid message format")
        return message

    return decode_bodyless


_DECODERS: dict[type[FrontendMessage], Callable[[bytes], FrontendMessage]] = {
    SslRequest: lambda body: SslRequest(),
    GssEncRequest: lambda body: GssEncRequest(),
    CancelRequest: _cancel_request,
    StartupMessage: _startup,
    Query: _query,
    Parse: _parse,
    Bind: _bind,
    Describe: _describe,
    Execute: _execute,
    Close: _close,
    Flush: _bodyless(Flush()),
    Sync: lambda body: Sync(),  # it ends a transaction, so it must not fail here
    FunctionCall: FunctionCall,
    CopyData: CopyData,
    CopyDone: _bodyless(CopyDone()),
    CopyFail: _copy_fail,
    PasswordMessage: PasswordMessage,
    SaslInitialResponse: _sasl_initial_response,
    SaslResponse: SaslResponse,
    Terminate: lambda body: Terminate(),
}
