"""Functions of texts and arrays against a real PostgreSQL."""

from __future__ import annotations

import random

import pytest

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result"),
]

WORDS = ["", "a", "b", "key", "é", "k k", 'q"', "back\\slash", "10", "-1", "日本", "new\nline", "x,y"]
FORMATS = ["hex", "base64", "escape", "HEX", "rot13"]


def test_array_text_is_as_there(compare):
    rng = random.Random(22)
    cases = [
        ([rng.choice([*WORDS, None, "null", "{}"]) for _ in range(rng.randrange(5))],) for _ in range(150)
    ]
    compare("(%s::text[])::text", "sqlvec_array_out(?::VARCHAR[])", cases)
    joined = [(case[0], rng.choice([",", "", "--"]), rng.choice([None, "*", ""])) for case in cases]
    compare("array_to_string(%s::text[], %s, %s)", "sqlvec_array_to_string(?::VARCHAR[], ?, ?)", joined)
    literals = [
        "{}",
        "{a",
        "{a,b}",
        '{"a b", NULL ,c}',
        "{,}",
        "a",
        '{"x\\"y"}',
        "{a}}",
        "{ a b }",
        '{"a"b}',
        "{\\a}",
    ]
    compare("%s::text[]", "sqlvec_array_in(?)", [(literal,) for literal in literals])


def test_quoting_and_encoding_are_as_there(compare):
    words = [
        *WORDS,
        "select",
        "MixedCase",
        "a1",
        "_x",
        "1a",
        "it's",
        "hi THOMAS_x 1abc o'neil",
        "between",
        "name",
    ]
    cases = [(word,) for word in words]
    compare("initcap(%s)", "sqlvec_initcap(?)", cases)
    compare("quote_ident(%s)", "sqlvec_quote_ident(?)", cases)
    compare("quote_literal(%s::text)", "sqlvec_quote_literal(?)", cases)
    octets = [bytes(range(size)) for size in (0, 1, 2, 3, 56, 57, 58, 114, 256)]
    compare("encode(%s, %s)", "sqlvec_encode(?, ?)", [(value, name) for value in octets for name in FORMATS])
    texts = [
        "",
        "6162",
        "61 62",
        "616",
        "6g",
        "YWI=",
        "YWI",
        "YW I=",
        "Y?I=",
        "YWI==",
        "a\\000b",
        "a\\\\b",
        "a\\b",
        "é",
    ]
    compare("decode(%s, %s)", "sqlvec_decode(?, ?)", [(value, name) for value in texts for name in FORMATS])


def test_patterns_are_as_there(compare):
    texts = ["", "foobarbequebaz", "abc", "a.c", "a\nc", "x%y_z", "(abc)", "aaa", "ABC"]
    similar = [
        "abc",
        "%(b|d)%",
        "(b|c)%",
        "a.c",
        "a_c",
        "_+",
        "(a|b|c)*",
        "[a-c]+",
        "a{3}",
        "x\\%y\\_z",
        "^abc$",
        "%",
    ]
    compare(
        "%s SIMILAR TO %s",
        "sqlvec_similar_to(?, ?)",
        [(text, pattern) for text in texts for pattern in similar],
    )
    patterns = [
        "(bar)(beque)",
        "b..",
        "(a)(x)?",
        "(a)(x*)",
        "^abc$",
        "a.c",
        "[^a]+",
        "((a)b)?c",
        "\\ma",
        "\\(a",
        "[]a]+",
    ]
    cases = [(text, pattern) for text in texts for pattern in patterns]
    compare("regexp_match(%s, %s)", "sqlvec_regexp_match(?, ?)", cases)
