"""The client's half of the protocol, for tests: frontend messages to bytes, backend bytes to readable lines.

Written from PostgreSQL's manual, not from wire/protocol, so that a mistake there is not repeated here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from sqlvec.wire.protocol import frontend_messages as f
from sqlvec.wire.protocol.frontend_messages import FrontendMessage

TYPE_NAMES = {16: "bool", 20: "int8", 23: "int4", 25: "text", 701: "float8"}


def startup(minor: int = 0, **parameters: str) -> f.StartupMessage:
    return f.StartupMessage(3, minor, parameters)


def to_bytes(message: FrontendMessage) -> bytes:
    match message:
        case f.SslRequest():
            return struct.pack("!II", 8, 80877103)
        case f.GssEncRequest():
            return struct.pack("!II", 8, 80877104)
        case f.CancelRequest(process_id, secret_key):
            return struct.pack("!IIii", 16, 80877102, process_id, secret_key)
        case f.StartupMessage(major, minor, parameters):
            pairs = b"".join(_string(name) + _string(value) for name, value in parameters.items())
            body = struct.pack("!HH", major, minor) + pairs + b"\0"
            return struct.pack("!I", len(body) + 4) + body
        case _:
            letter, body = _typed(message)
            return letter + struct.pack("!I", len(body) + 4) + body


def _typed(message: FrontendMessage) -> tuple[bytes, bytes]:
    match message:
        case f.Query(sql):
            return b"Q", _string(sql)
        case f.Parse(name, sql, oids):
            return b"P", _string(name) + _string(sql) + _numbers("I", oids)
        case f.Bind(portal, statement, formats, values, result_formats):
            body = _string(portal) + _string(statement) + _numbers("h", formats)
            body += struct.pack("!H", len(values)) + b"".join(map(_value, values))
            return b"B", body + _numbers("h", result_formats)
        case f.Describe(target, name):
            return b"D", target.value + _string(name)
        case f.Close(target, name):
            return b"C", target.value + _string(name)
        case f.Execute(portal, max_rows):
            return b"E", _string(portal) + struct.pack("!i", max_rows)
        case f.FunctionCall(body):
            return b"F", body
        case f.PasswordMessage(body) | f.SaslResponse(body):
            return b"p", body
        case f.SaslInitialResponse(mechanism, response):
            return b"p", _string(mechanism) + _value(response)
        case f.CopyData(piece):
            return b"d", piece
        case f.CopyFail(reason):
            return b"f", _string(reason)
        case _:
            letters = {f.Flush: b"H", f.Sync: b"S", f.CopyDone: b"c", f.Terminate: b"X"}
            return letters[type(message)], b""  # type: ignore[index]


def _string(text: str) -> bytes:
    return text.encode() + b"\0"


def _numbers(letter: str, numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f"!H{len(numbers)}{letter}", len(numbers), *numbers)


def _value(value: bytes | None) -> bytes:
    return struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value


def split(received: bytes) -> Iterator[tuple[str, bytes]]:
    """(letter, body) of each message; the answer to an SSLRequest has no length."""
    offset = 0
    while offset < len(received):
        letter = chr(received[offset])
        if letter == "S" and offset + 1 == len(received):
            yield "EncryptionAccepted", b""
            return
        if letter == "N" and received[offset + 1 : offset + 3] != b"\0\0":
            yield "EncryptionRefused", b""
            offset += 1
            continue
        length = int.from_bytes(received[offset + 1 : offset + 5], "big")
        assert len(received) >= offset + 1 + length, "the last message is cut off"
        yield letter, received[offset + 5 : offset + 1 + length]
        offset += 1 + length


def read(received: bytes) -> list[str]:
    """One line for each message."""
    return [_line(letter, body) for letter, body in split(received)]


_BODYLESS = {
    "1": "ParseComplete",
    "2": "BindComplete",
    "3": "CloseComplete",
    "I": "EmptyQueryResponse",
    "n": "NoData",
    "s": "PortalSuspended",
    "c": "CopyDone",
    "EncryptionAccepted": "EncryptionAccepted",
    "EncryptionRefused": "EncryptionRefused",
}


def _line(letter: str, body: bytes) -> str:  # noqa: C901 - a table of the protocol
    if letter in _BODYLESS:
        assert not body
        return _BODYLESS[letter]
    match letter:
        case "R":
            rest = f" {body[4:]!r}" if len(body) > 4 else ""
            return f"Authentication {int.from_bytes(body[:4], 'big')}{rest}"
        case "S":
            name, value, _ = body.decode().split("\0")
            return f"ParameterStatus {name} {value}"
        case "K":
            return "BackendKeyData {} {}".format(*struct.unpack("!ii", body))
        case "Z":
            return f"ReadyForQuery {body.decode()}"
        case "C":
            return f"CommandComplete {body[:-1].decode()}"
        case "T":
            return f"RowDescription {', '.join(_fields(body))}"
        case "D":
            return f"DataRow {', '.join(_row(body))}"
        case "E" | "N":
            return f"{'ErrorResponse' if letter == 'E' else 'NoticeResponse'} {_report(body)}"
        case "d":
            return f"CopyData {body!r}"
        case "t":
            return f"ParameterDescription {struct.unpack_from(f'!{len(body) // 4}I', body, 2)}"
        case "v":
            version, _ = struct.unpack_from("!II", body)
            return f"NegotiateProtocolVersion {version >> 16}.{version & 0xFFFF} {body[8:]!r}"
        case "G" | "H":
            formats = struct.unpack_from(f"!{(len(body) - 3) // 2}h", body, 3)
            return f"{'CopyInResponse' if letter == 'G' else 'CopyOutResponse'} {body[0]} {formats}"
        case _:
            raise AssertionError(f"unknown backend message {letter!r}")


def _fields(body: bytes) -> Iterator[str]:
    offset = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        end = body.index(b"\0", offset)
        _, _, oid, _, _, wire_format = struct.unpack_from("!IhIhih", body, end + 1)
        yield f"{body[offset:end].decode()} {TYPE_NAMES[oid]} {('text', 'binary')[wire_format]}"
        offset = end + 1 + 18
    assert offset == len(body)


def _row(body: bytes) -> Iterator[str]:
    offset = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        length = int.from_bytes(body[offset : offset + 4], "big", signed=True)
        offset += 4
        yield "NULL" if length < 0 else repr(body[offset : offset + length])[1:]
        offset += max(0, length)
    assert offset == len(body)


def _report(body: bytes) -> str:
    fields = {chr(field[0]): field[1:].decode() for field in body.split(b"\0") if field}
    severity, localised = fields.pop("V"), fields.pop("S")
    assert severity == localised
    rest = "".join(f" {letter}={text!r}" for letter, text in fields.items() if letter not in "CM")
    return f"{severity} {fields['C']} {fields['M']!r}{rest}"
