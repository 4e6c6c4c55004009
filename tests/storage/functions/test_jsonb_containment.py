import json

import pytest


@pytest.mark.parametrize(
    ("big", "small", "expected"),
    [
        ('{"a": 1, "b": 2}', '{"a": 1}', True),
        ('{"a": 1}', '{"a": 1, "b": 2}', False),
        ('{"a": {"b": 1, "c": 2}}', '{"a": {"b": 1}}', True),
        ('{"a": {"b": 1}}', '{"b": 1}', False),
        ("[1, 2, [3, 4]]", "[[4]]", True),
        ("[1, 2, [3, 4]]", "[3]", False),
        ("[1, 2]", "[2, 2, 1]", True),
        ("[1, 2]", "1", True),
        ("1", "[1]", False),
        ("1", "1.0", True),
        ("[true]", "[1]", False),
        ('{"a": ["x"]}', '{"a": "x"}', False),
        ("{}", "[]", False),
        ("[]", "[]", True),
        ("null", "null", True),
    ],
)
def test_one_document_holds_another(value, big, small, expected):
    assert value("sqlvec_jsonb_contains(?, ?)", big, small) is expected


@pytest.mark.parametrize(
    ("small", "spellings"),
    [
        ('{"n": 1700}', ["1700", "1700.0", "1.7e3", "17E2", " 1700 "]),
        ('{"n": 2.5}', ["2.5", "2.50", "25e-1"]),
        ('{"n": 0}', ["0", "-0", "0.00", "0e5"]),
        ('{"n": "é/"}', ['"é/"', '"\\u00e9/"', '"\\u00E9\\/"']),
        ('{"n": [1e2]}', ["[100]", "[7, 1e2]", "[1000e-1]"]),
        ('{"n": true}', ["true"]),
    ],
)
def test_the_search_before_parsing_misses_no_spelling(cursor, small, spellings):
    rows = [f'{{"n":{spelling}}}' for spelling in spellings]
    sql = "SELECT sqlvec_jsonb_contains(d, ?) FROM unnest(?) t(d)"
    assert cursor.rows(sql, [small, rows]) == [(True,)] * len(rows)


def test_the_search_before_parsing_takes_nothing_for_sure(cursor):
    rows = [
        '{"x": {"n": 17}}',
        '{"n": 170}',
        '{"n": 17.5}',
        '{"m": "\\"n\\": 17"}',
        '{"n": 1, "k": 17}',
        None,
    ]
    answers = cursor.rows("""SELECT sqlvec_jsonb_contains(d, '{"n": 17}') FROM unnest(?) t(d)""", [rows])
    assert answers == [(False,)] * 5 + [(None,)]


def test_keys_are_no_regular_expressions(cursor):
    small = json.dumps({"a.b*[(\\d": 1})
    rows = [small, json.dumps({"axb*[(\\d": 1}), "{}"]
    answers = cursor.rows("SELECT sqlvec_jsonb_contains(d, ?) FROM unnest(?) t(d)", [small, rows])
    assert answers == [(True,), (False,), (False,)]
