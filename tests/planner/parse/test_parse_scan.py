"""Lexemes are cut as PostgreSQL cuts them."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.planner.parse import parse
from sqlvec.planner.parse.lexeme import Kind
from sqlvec.planner.parse.scan import Scanner


def values(sql: str) -> list[str]:
    scanner = Scanner(sql)
    if scanner.error:
        raise scanner.error
    return [lexeme.value for lexeme in scanner.lexemes]


@pytest.mark.parametrize(
    "sql", ["", " \n\t", ";", " ; ;; ", "-- only this", "/* a /* b */ c */", "--x\n;/* y */"]
)
def test_text_without_words_has_no_statements(sql: str) -> None:
    assert parse(sql) == []


def test_statements_know_their_text_place_and_parameters() -> None:
    sql = " select $2, 'a;b' ; /* c; */ begin;;\n-- d;\nselect $1||$3;"
    assert [(each.text, each.start, each.parameter_count) for each in parse(sql)] == [
        ("select $2, 'a;b'", 1, 2),
        ("begin", 29, 0),
        ("select $1||$3", 43, 3),
    ]
    for each in parse(sql):
        assert sql[each.start :].startswith(each.text)


def test_every_lexeme_points_at_its_text() -> None:
    sql = "select \"A b\", 'it''s', $t$x;y$t$, $12 , 1.5e3 ->> é /* c */ <> U&\"d\\0061t\""
    texts = [sql[lexeme.start : lexeme.end] for lexeme in Scanner(sql).lexemes]
    assert texts == [
        "select", '"A b"', ",", "'it''s'", ",", "$t$x;y$t$", ",", "$12", ",", "1.5e3", "->>", "é", "<>",
        'U&"d\\0061t"',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("'it''s'", "it's"),
        ("''", ""),
        ("'a'\n  'b'", "ab"),
        ("'a' -- c\n 'b'\r\n'c'", "abc"),
        ("'a\\n'", "a\\n"),
        (r"E'a\n\t\\\'\101\x41\u0041\U00000041''\q'", "a\n\t\\'AAAA'q"),
        (r"e'\xc3\xa9'", "é"),
        (r"E'\uD83D\uDE00'", "😀"),
        ("$$a'b$$", "a'b"),
        ("$tag$a $$ b$tag$", "a $$ b"),
        ("N'x'", "x"),
        (r"U&'d\0061t\+000061'", "data"),
        ("U&'d!0061t' UESCAPE '!'", "dat"),
    ],
)
def test_string_in_every_spelling(literal: str, value: str) -> None:
    (lexeme,) = Scanner(literal).lexemes
    assert (lexeme.kind, lexeme.value, lexeme.end) == (Kind.STRING, value, len(literal))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FooBar", "foobar"),
        ("ÄB", "Äb"),
        ('"FooBar"', "FooBar"),
        ('"a""b"', 'a"b'),
        ("a$1", "a$1"),
        ("x" * 70, "x" * 63),
        ('"' + "é" * 40 + '"', "é" * 31),
    ],
)
def test_name_is_folded_and_cut_to_63_bytes(name: str, value: str) -> None:
    assert values(name) == [value]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a<->b", ["a", "<->", "b"]),
        ("a<->-1", ["a", "<->", "-", "1"]),
        ("a@-1", ["a", "@-", "1"]),
        ("a=-1", ["a", "=", "-", "1"]),
        ("a*-b", ["a", "*", "-", "b"]),
        ("a+/*c*/b", ["a", "+", "b"]),
        ("a<--c\nb", ["a", "<", "b"]),
        ("a!=b", ["a", "<>", "b"]),
        ("f(a=>1)", ["f", "(", "a", "=>", "1", ")"]),
        ("($1,$2)", ["(", "1", ",", "2", ")"]),
        ("$1::vector,$2::x($3)", ["1", "::", "vector", ",", "2", "::", "x", "(", "3", ")"]),
        ("a[1:2]", ["a", "[", "1", ":", "2", "]"]),
        (".5+5.", [".5", "+", "5."]),
        ("1_000, 0x1F, 0o17, 0b11", ["1000", ",", "31", ",", "15", ",", "3"]),
        ("x'1F' B'01'", ["x1F", "b01"]),
        ("t.5", ["t", ".5"]),
    ],
)
def test_operators_and_numbers_are_cut_as_in_scan_l(sql: str, expected: list[str]) -> None:
    assert values(sql) == expected


@pytest.mark.parametrize(
    ("sql", "sqlstate", "message", "position"),
    [
        ("select 'abc", "42601", 'unterminated quoted string at or near "\'abc"', 8),
        ("select $x$ab$$", "42601", 'unterminated dollar-quoted string at or near "$x$ab$$"', 8),
        ("select 1 /* a /* b */", "42601", 'unterminated /* comment at or near "/* a /* b */"', 10),
        ("select $0", "42P02", "there is no parameter $0", 8),
        ("select $1, $70000", "42P02", "there is no parameter $70000", 12),
        ("select 12ab", "42601", 'trailing junk after numeric literal at or near "12ab"', 8),
    ],
)
def test_what_cannot_be_cut_is_an_error_with_its_place(sql, sqlstate, message, position) -> None:
    with pytest.raises(SqlError) as caught:
        parse(sql)
    assert (caught.value.sqlstate, caught.value.message) == (sqlstate, message)
    assert caught.value.position == position


def test_invalid_utf8_in_an_escape_string_is_refused() -> None:
    with pytest.raises(SqlError):
        parse(r"select E'\xff'")
