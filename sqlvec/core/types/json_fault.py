"""JSON faults: what PostgreSQL says of a text that is no JSON, where Python's parser has other words."""

from __future__ import annotations

import re

_BLANKS = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"(?:[A-Za-z0-9_]|[^\x00-\x7f])*")
_NUMBER_LIKE = re.compile(r"-?[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]*)?(?:[A-Za-z0-9_]|[^\x00-\x7f])*")
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_ENDED = "The input string ended unexpectedly."


class _Fault(Exception):
    """The detail of the first fault."""


def describe_fault(text: str) -> str | None:
    """The DETAIL of PostgreSQL's error; None where the fault is not one of grammar."""
    try:
        parser = _Parser(text)
        parser.value()
        if parser.token:
            parser.expect("end of input")
    except _Fault as fault:
        return str(fault)
    return None


class _Parser:
    """PostgreSQL's recursive descent, with the same expectations in the same places."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.token = ""
        self.advance()

    def value(self) -> None:
        if self.token == "{":
            self.object()
        elif self.token == "[":
            self.array()
        elif not self.token or self.token in "}],:":
            self.expect("JSON value")
        else:
            self.advance()

    def object(self) -> None:
        self.advance()
        if self.token == "}":
            self.advance()
            return
        if not self.token.startswith('"'):
            self.expect('string or "}"')
        self.field()
        while self.token == ",":
            self.advance()
            if not self.token.startswith('"'):
                self.expect("string")
            self.field()
        if self.token != "}":
            self.expect('"," or "}"')
        self.advance()

    def field(self) -> None:
        self.advance()
        if self.token != ":":
            self.expect('":"')
        self.advance()
        self.value()

    def array(self) -> None:
        self.advance()
        if self.token != "]":
            self.value()
            while self.token == ",":
                self.advance()
                self.value()
            if self.token != "]":
                self.expect('"," or "]"')
        self.advance()

    def expect(self, what: str) -> None:
        raise _Fault(f'Expected {what}, but found "{self.token}".' if self.token else _ENDED)

    def advance(self) -> None:
        """Go to the next token; the empty one is the end."""
        blanks = _BLANKS.match(self.text, self.place)
        start = blanks.end() if blanks else self.place
        first = self.text[start : start + 1]
        if first == '"':
            end = self.string(start + 1)
        elif first in "{}[],:":
            end = start + len(first)
        elif first.isdigit() or first == "-":
            end = self.number(start)
        else:
            end = self.word(start)
        self.token, self.place = self.text[start:end], end

    def string(self, place: int) -> int:
        start = place - 1
        while (character := self.text[place : place + 1]) != '"':
            if not character:
                raise _Fault(f'Token "{self.text[start:]}" is invalid.')
            if character < " ":
                raise _Fault(f"Character with value 0x{ord(character):02x} must be escaped.")
            place += self.escape(place + 1) if character == "\\" else 1
        return place + 1

    def escape(self, place: int) -> int:
        character = self.text[place : place + 1]
        if character == "u":
            if not _HEXADECIMAL.issuperset(digits := self.text[place + 1 : place + 5]) or len(digits) < 4:
                raise _Fault('"\\u" must be followed by four hexadecimal digits.')
            return 6
        if character and character not in '"\\/bfnrt':
            raise _Fault(f'Escape sequence "\\{character}" is invalid.')
        return 2

    def number(self, start: int) -> int:
        good, like = _NUMBER.match(self.text, start), _NUMBER_LIKE.match(self.text, start)
        assert like is not None
        if good is None or good.end() != like.end():
            raise _Fault(f'Token "{like[0]}" is invalid.')
        return like.end()

    def word(self, start: int) -> int:
        match = _WORD.match(self.text, start)
        word = match[0] if match else ""
        if word not in ("true", "false", "null"):
            raise _Fault(f'Token "{word or self.text[start : start + 1]}" is invalid.')
        return start + len(word)
