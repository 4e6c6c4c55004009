"""Literals: the spellings of strings, quoted names and comments that need more than a pattern."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlvec.core.errors import InvalidTextRepresentation, SqlSyntaxError

from .lexeme import Kind, Lexeme, error_near

MAX_NAME_BYTES = 63  # PostgreSQL's NAMEDATALEN - 1

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_STRING = re.compile(r"'[^']*+(?:''[^']*+)*+'")
_ESCAPE_STRING = re.compile(r"'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'", re.DOTALL)
_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
_ESCAPE = re.compile(r"''|\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u(.{0,4})|U(.{0,8})|(.))", re.DOTALL)
_BLANK = r"(?:[ \t\n\r\f\v]++|--[^\n\r]*+)*+"
_UESCAPE = re.compile(rf"{_BLANK}uescape{_BLANK}'(.)'", re.IGNORECASE)
_COMMENT_MARK = re.compile(r"/\*|\*/")
_SIMPLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@lru_cache(maxsize=8192)  # a client uses few words, and each in every statement
def fold(word: str) -> str:
    """An unquoted name as PostgreSQL keeps it: ASCII letters in lower case, at most 63 bytes."""
    folded = word.lower() if word.isascii() else word.translate(_ASCII_LOWER)
    return truncate(folded) if len(folded) > MAX_NAME_BYTES // 4 else folded


def truncate(name: str) -> str:
    encoded = name.encode(errors="surrogatepass")
    if len(encoded) <= MAX_NAME_BYTES:
        return name
    return encoded[:MAX_NAME_BYTES].decode(errors="ignore")


def unquote_identifier(sql: str, start: int, end: int) -> Lexeme:
    name = sql[start + 1 : end - 1].replace('""', '"')
    if not name:
        raise error_near("zero-length delimited identifier", sql, start, end)
    return Lexeme(Kind.QUOTED, truncate(name), start, end)


def read_comment(sql: str, start: int) -> int:
    """Skip a /* comment, which may hold others; returns its end."""
    depth, position = 0, start
    while mark := _COMMENT_MARK.search(sql, position):
        position = mark.end()
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return position
    raise error_near("unterminated /* comment", sql, start)


def read_string(sql: str, start: int) -> Lexeme:
    end = sql.find("'", start + 1) + 1  # far faster than a pattern, and vectors are long strings
    if end and not sql.startswith("'", end):
        return Lexeme(Kind.STRING, sql[start + 1 : end - 1], start, end)
    found = _STRING.match(sql, start)
    if not found:
        raise error_near("unterminated quoted string", sql, start)
    return Lexeme(Kind.STRING, found[0][1:-1].replace("''", "'"), start, found.end())


def read_dollar_quoted(sql: str, start: int, body: int) -> Lexeme:
    tag = sql[start:body]
    end = sql.find(tag, body)
    if end < 0:
        raise error_near("unterminated dollar-quoted string", sql, start)
    return Lexeme(Kind.STRING, sql[body:end], start, end + len(tag))


def read_prefixed(sql: str, start: int) -> Lexeme:
    """E'', B'', X'', N'', U&'' and U&"" at `start`."""
    letter = sql[start].lower()
    if letter == "u":
        return _read_unicode(sql, start)
    found = (_ESCAPE_STRING if letter == "e" else _STRING).match(sql, start + 1)
    if not found:
        kind = {"b": "bit string literal", "x": "hexadecimal string literal"}.get(letter, "quoted string")
        raise error_near(f"unterminated {kind}", sql, start if letter in "bxe" else start + 1)
    body, end = found[0][1:-1], found.end()
    if letter == "e":
        return Lexeme(Kind.STRING, _resolve_escapes(sql, start + 2, body), start, end)
    if letter == "n":
        return Lexeme(Kind.STRING, body.replace("''", "'"), start, end)
    return _bits(letter, body, start, end)


def _bits(letter: str, body: str, start: int, end: int) -> Lexeme:
    allowed, name = ("01", "binary") if letter == "b" else ("0123456789abcdefABCDEF", "hexadecimal")
    for digit in body:
        if digit not in allowed:
            raise InvalidTextRepresentation(f'"{digit}" is not a valid {name} digit', position=start + 1)
    return Lexeme(Kind.BITS, letter + body, start, end)


def _resolve_escapes(sql: str, offset: int, body: str) -> str:
    r"""The text of E'...'; octal and hex escapes are bytes of UTF-8."""
    if "\\" not in body:
        return body.replace("''", "'")

    pieces: list[bytes] = []
    last = 0
    for escape in _ESCAPE.finditer(body):
        pieces.append(body[last : escape.start()].encode(errors="surrogatepass"))
        last = escape.end()
        octal, hexadecimal, short, long, other = escape.groups()
        if octal:
            pieces.append(bytes([int(octal, 8) & 0xFF]))
        elif hexadecimal:
            pieces.append(bytes([int(hexadecimal, 16)]))
        elif short is not None or long is not None:
            digits, length = (short, 4) if short is not None else (long, 8)
            character = _code_point(sql, offset + escape.start(), digits, length)
            pieces.append(character.encode(errors="surrogatepass"))
        else:
            pieces.append(_SIMPLE_ESCAPES.get(other, other).encode() if other else b"'")
    pieces.append(body[last:].encode(errors="surrogatepass"))
    return _text(b"".join(pieces))


def _text(encoded: bytes) -> str:
    r"""Bytes to text; \uD83D\uDE00 come as two surrogates that make one character."""
    try:
        text = encoded.decode(errors="surrogatepass")
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise SqlSyntaxError('invalid byte sequence for encoding "UTF8"') from error


def _code_point(sql: str, start: int, digits: str, length: int) -> str:
    if len(digits) != length or not re.fullmatch("[0-9A-Fa-f]+", digits):
        raise SqlSyntaxError(
            "invalid Unicode escape",
            hint="Unicode escapes must be \\uXXXX or \\UXXXXXXXX.",
            position=start + 1,
        )
    value = int(digits, 16)
    if value == 0 or value > 0x10FFFF:
        raise error_near("invalid Unicode escape value", sql, start, start + 2 + length)
    return chr(value)


def _read_unicode(sql: str, start: int) -> Lexeme:
    is_name = sql[start + 2] == '"'
    found = (_QUOTED if is_name else _STRING).match(sql, start + 2)
    if not found:
        raise error_near(f"unterminated quoted {'identifier' if is_name else 'string'}", sql, start)
    quote = '"' if is_name else "'"
    body, end = found[0][1:-1].replace(quote * 2, quote), found.end()
    escape = "\\"
    if custom := _UESCAPE.match(sql, end):
        escape, end = custom[1], custom.end()
        if escape in "0123456789abcdefABCDEF+'\" \t\n\r\f\v":
            raise error_near("invalid Unicode escape character", sql, end - 3, end)
    text = _resolve_unicode(body, escape, start)
    if is_name and not text:
        raise error_near("zero-length delimited identifier", sql, start, end)
    return Lexeme(Kind.QUOTED if is_name else Kind.STRING, truncate(text) if is_name else text, start, end)


def _resolve_unicode(body: str, escape: str, start: int) -> str:
    mark = re.escape(escape)
    pattern = re.compile(rf"{mark}(?:({mark})|([0-9A-Fa-f]{{4}})|\+([0-9A-Fa-f]{{6}})|())", re.DOTALL)

    def replace(found: re.Match[str]) -> str:
        digits = found[2] or found[3]
        if found[1]:
            return escape
        if not digits or not 0 < int(digits, 16) <= 0x10FFFF:
            raise SqlSyntaxError(
                "invalid Unicode escape",
                hint="Unicode escapes must be \\XXXX or \\+XXXXXX.",
                position=start + 1,
            )
        return chr(int(digits, 16))

    return _text(pattern.sub(replace, body).encode(errors="surrogatepass"))
