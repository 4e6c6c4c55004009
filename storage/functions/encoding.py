"""encode and decode: bytes as hex, base64 or escapes."""

from __future__ import annotations

import base64
import re

import pyarrow as pa

from sqlvec.core.errors import InvalidParameterValue, InvalidTextRepresentation

from .registration import SqlFunction, each_row

_BLANKS = " \t\n\r"
_LINE = 57  # bytes that fill a line of 76 characters of base64
_ESCAPED = re.compile(rb"\\(?:([0-3][0-7]{2})|(\\))|\\")


def encode(octets: bytes, name: str) -> str:
    match name.lower():
        case "hex":
            return octets.hex()
        case "base64":
            lines = base64.encodebytes(octets).decode()
            return lines if octets and len(octets) % _LINE == 0 else lines.rstrip("\n")
        case "escape":
            return "".join(map(_escaped, octets))
        case _:
            raise _unrecognized(name)


def decode(text: str, name: str) -> bytes:
    match name.lower():
        case "hex":
            return _from_hex(text)
        case "base64":
            return _from_base64(text)
        case "escape":
            return _ESCAPED.sub(_unescaped, text.encode())
        case _:
            raise _unrecognized(name)


def _unrecognized(name: str) -> InvalidParameterValue:
    return InvalidParameterValue(f'unrecognized encoding: "{name}"')


def _escaped(octet: int) -> str:
    if octet == 0 or octet > 127:
        return f"\\{octet:03o}"
    return "\\\\" if octet == ord("\\") else chr(octet)


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1] is None and match[2] is None:
        raise InvalidTextRepresentation("invalid input syntax for type bytea")
    return b"\\" if match[1] is None else bytes([int(match[1], 8)])


def _from_hex(text: str) -> bytes:
    digits = re.sub(rf"[{_BLANKS}]", "", text)
    wrong = re.search(r"[^0-9a-fA-F]", digits)
    if wrong is not None:
        raise InvalidParameterValue(f'invalid hexadecimal digit: "{wrong[0]}"')
    if len(digits) % 2:
        raise InvalidParameterValue("invalid hexadecimal data: odd number of digits")
    return bytes.fromhex(digits)


def _from_base64(text: str) -> bytes:
    symbols = re.sub(rf"[{_BLANKS}]", "", text)
    wrong = re.search(r"[^0-9a-zA-Z+/=]", symbols)
    if wrong is not None:
        raise InvalidParameterValue(f'invalid symbol "{wrong[0]}" found while decoding base64 sequence')
    if len(symbols) % 4 or not re.fullmatch(r"[^=]*={0,2}", symbols):
        raise InvalidParameterValue(
            "invalid base64 end sequence",
            hint="Input data is missing padding, is truncated, or is otherwise corrupted.",
        )
    return base64.b64decode(symbols)


FUNCTIONS = (
    SqlFunction(
        "sqlvec_encode",
        lambda *columns: each_row(encode, pa.string(), *columns),
        ("BLOB", "VARCHAR"),
        "VARCHAR",
    ),
    SqlFunction(
        "sqlvec_decode",
        lambda *columns: each_row(decode, pa.binary(), *columns),
        ("VARCHAR", "VARCHAR"),
        "BLOB",
    ),
)
