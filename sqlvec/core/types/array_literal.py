"""Array literals: PostgreSQL's text form of arrays, such as {1,NULL,"a b"}."""

from __future__ import annotations

import re
from typing import NoReturn, TypeAlias

from sqlvec.core.errors import FeatureNotSupported, InvalidTextRepresentation

# A list per dimension; at the bottom the elements' own texts.
Nested: TypeAlias = "list[Nested | bytes | None]"

_BLANKS = " \t\n\r\f\v"
_BOUNDS = re.compile(r"\s*((?:\[[+-]?\d+(?::[+-]?\d+)?\])+)\s*=\s*")
_BOUND = re.compile(r"\[([+-]?\d+)(?::([+-]?\d+))?\]")
_ITEM = r'(?:"(?:[^"\\]|\\.)*"|[^{}",\\\s]+)'
_FLAT = re.compile(rf"\{{{_ITEM}(?:,{_ITEM})*\}}", re.DOTALL)  # one dimension, no blanks to take away
_ITEMS = re.compile(_ITEM, re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MISMATCH = "Multidimensional arrays must have sub-arrays with matching dimensions."


def parse_literal(text: str, delimiter: str = ",") -> Nested:
    """The elements of one literal, still as text; raises 22P02 in PostgreSQL's words."""
    if delimiter == "," and _FLAT.fullmatch(text):
        if '"' not in text:
            return [_plain(word) for word in text[1:-1].split(",")]
        return [_quoted(item) if item[0] == '"' else _plain(item) for item in _ITEMS.findall(text)]
    return _Reader(text, delimiter).read()


def _plain(word: str) -> bytes | None:
    return None if len(word) == 4 and word.upper() == "NULL" else word.encode()


def _quoted(item: str) -> bytes:
    return (_ESCAPE.sub(r"\1", item[1:-1]) if "\\" in item else item[1:-1]).encode()


class _Reader:
    """Reads one literal."""

    def __init__(self, text: str, delimiter: str) -> None:
        self.text = text
        self.delimiter = delimiter
        self.place = 0

    def read(self) -> Nested:
        bounds = _BOUNDS.match(self.text)
        if bounds is not None:
            self.place = bounds.end()
        self.skip_blanks()
        if self.peek() != "{":
            self.fail(
                "Array contents must start with \"{\"." if bounds else
                'Array value must start with "{" or dimension information.'
            )  # fmt: skip
        value = self.array()
        self.skip_blanks()
        if self.peek():
            self.fail("Junk after closing right brace.")
        shape = self.shape(value)
        if bounds is not None:
            self.check_bounds(bounds[1], shape)
        return value if all(shape) else []

    def array(self) -> Nested:
        self.place += 1
        items: Nested = []
        self.skip_blanks()
        if self.peek() == "}":
            self.place += 1
            return items
        while True:
            self.skip_blanks()
            items.append(self.array() if self.peek() == "{" else self.element())
            self.skip_blanks()
            mark = self.peek()
            if mark not in ("}", self.delimiter):
                self.fail_at(mark)
            self.place += 1
            if mark == "}":
                return items

    def element(self) -> bytes | None:
        if self.peek() == '"':
            return self.quoted()
        pieces: list[str] = []
        plain = True  # a backslash makes even NULL a word
        kept = 0  # trailing blanks are dropped, but not escaped ones
        while (character := self.peek()) not in ("", self.delimiter, "}"):
            if character == '"':
                self.fail("Incorrectly quoted array element.")
            if character == "{":
                self.fail('Unexpected "{" character.')
            if character == "\\":
                self.place += 1
                plain = False
                pieces.append(self.escaped())
                kept = len(pieces)
            else:
                pieces.append(character)
                self.place += 1
                kept = kept if character in _BLANKS else len(pieces)
        word = "".join(pieces[:kept])
        if not word:
            self.fail_at(self.peek())
        return None if plain and word.upper() == "NULL" else word.encode()

    def quoted(self) -> bytes:
        self.place += 1
        pieces: list[str] = []
        while (character := self.peek()) != '"':
            if character == "":
                self.fail("Unexpected end of input.")
            self.place += 1
            pieces.append(self.escaped() if character == "\\" else character)
        self.place += 1
        self.skip_blanks()
        if self.peek() not in ("", self.delimiter, "}"):
            self.fail("Incorrectly quoted array element.")
        return "".join(pieces).encode()

    def escaped(self) -> str:
        character = self.peek()
        if character == "":
            self.fail("Unexpected end of input.")
        self.place += 1
        return character

    def shape(self, value: Nested) -> tuple[int, ...]:
        lists = [item for item in value if isinstance(item, list)]
        if not lists:
            return (len(value),)
        shapes = {self.shape(item) for item in lists}
        if len(lists) != len(value) or len(shapes) != 1:
            self.fail(_MISMATCH)
        return (len(value), *shapes.pop())

    def check_bounds(self, bounds: str, shape: tuple[int, ...]) -> None:
        declared = []
        for low, high in _BOUND.findall(bounds):
            if high and int(low) != 1:
                raise FeatureNotSupported("arrays with lower bounds other than 1 are not supported")
            declared.append(int(high or low))
        if tuple(declared) != shape:
            self.fail("Specified array dimensions do not match array contents.")

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def skip_blanks(self) -> None:
        while self.place < len(self.text) and self.text[self.place] in _BLANKS:
            self.place += 1

    def fail_at(self, mark: str) -> NoReturn:
        self.fail(f'Unexpected "{mark}" character.' if mark else "Unexpected end of input.")

    def fail(self, detail: str) -> NoReturn:
        raise InvalidTextRepresentation(f'malformed array literal: "{self.text}"', detail=detail)
