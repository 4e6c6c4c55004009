"""Functions of JSON against a real PostgreSQL, on random documents."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result"),
]

NUMBERS = [
    "0",
    "1",
    "-1",
    "1.0",
    "1.50",
    "10",
    "1e1",
    "-0",
    "0.00",
    "12345678901234567890123",
    "1e-3",
    "-2.5",
]
WORDS = ["", "a", "b", "key", "é", "k k", 'q"', "back\\slash", "10", "-1", "日本", "new\nline", "x,y"]


def _document(rng: random.Random, depth: int) -> str:
    kind = rng.random()
    if depth == 0 or kind < 0.35:
        return rng.choice([*NUMBERS, "true", "false", "null", *(json.dumps(word) for word in WORDS)])
    members = [_document(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind < 0.7:
        pairs = (f"{json.dumps(rng.choice(WORDS))} : {member}" for member in members)
        return "{" + ",".join(pairs) + "}"
    return "[" + ", ".join(members) + "]"


def _documents(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [_document(rng, 3) for _ in range(count)]


def _path(rng: random.Random) -> list[str]:
    return [rng.choice([*WORDS, "0", "1", "-2", "+1", " 1", "7", "a1"]) for _ in range(rng.randrange(4))]


def _part(rng: random.Random, document: Any) -> Any:
    """Something that the document may well contain."""
    if isinstance(document, dict) and document:
        keys = rng.sample(sorted(document), rng.randrange(1, len(document) + 1))
        return {key: _part(rng, document[key]) for key in keys}
    if isinstance(document, list) and document:
        return [_part(rng, item) for item in rng.choices(document, k=rng.randrange(1, 3))]
    return document if rng.random() < 0.8 else rng.choice([1, "a", True, None, [], {}])


def test_jsonb_is_normalised_as_there(compare):
    compare("(%s::jsonb)::text", "sqlvec_jsonb(?)::VARCHAR", [(text,) for text in _documents(200, 1)])


def test_containment_is_as_there(compare):
    rng = random.Random(2)
    cases = [(text, json.dumps(_part(rng, json.loads(text)))) for text in _documents(300, 2)]
    cases += list(zip(_documents(100, 3), _documents(100, 4), strict=True))
    compare("%s::jsonb @> %s::jsonb", "sqlvec_jsonb_contains(?, ?)", cases)


def test_containment_in_a_column_is_as_there(postgres, cursor):
    """A constant on the right side takes the way through the text search."""
    documents = _documents(300, 5)
    rng = random.Random(6)
    smalls = [json.dumps(_part(rng, json.loads(rng.choice(documents)))) for _ in range(60)]
    smalls += ['{"a": 10}', '{"a": 1.5}', "[10]", "10", '"a"', '{"key": {}}', '{"key": []}', "{}", "[]"]
    for small in smalls:
        truth = postgres.execute(
            "SELECT array_agg(d::jsonb @> %s::jsonb ORDER BY n) "
            "FROM unnest(%s::text[]) WITH ORDINALITY t(d, n)",
            (small, documents),
        ).fetchone()[0]
        answer = cursor.rows("SELECT sqlvec_jsonb_contains(d, ?) FROM unnest(?) t(d)", [small, documents])
        assert [row[0] for row in answer] == truth, small


def test_concatenation_is_as_there(compare):
    cases = list(zip(_documents(200, 7), _documents(200, 8), strict=True))
    compare("(%s::jsonb || %s::jsonb)::text", "sqlvec_jsonb_concat(?, ?)::VARCHAR", cases)


def test_deletion_of_keys_is_as_there(compare):
    rng = random.Random(9)
    cases = [(text, rng.choice(WORDS)) for text in _documents(200, 9)]
    compare("(%s::jsonb - %s::text)::text", "sqlvec_jsonb_delete(?, ?::VARCHAR)::VARCHAR", cases)
    cases = [(text, rng.sample(WORDS, 3)) for text in _documents(100, 10)]
    compare("(%s::jsonb - %s::text[])::text", "sqlvec_jsonb_delete(?, ?::VARCHAR[])::VARCHAR", cases)


def test_deletion_at_an_index_is_as_there(compare):
    rng = random.Random(11)
    cases = [(text, rng.randrange(-4, 4)) for text in _documents(200, 11)]
    compare("(%s::jsonb - %s::int)::text", "sqlvec_jsonb_delete(?, ?::INTEGER)::VARCHAR", cases)


def test_existence_of_keys_is_as_there(compare):
    rng = random.Random(12)
    cases = [(text, rng.choices(WORDS, k=rng.randrange(4))) for text in _documents(200, 12)]
    compare("%s::jsonb ?| %s::text[]", "sqlvec_jsonb_exists(?, ?::VARCHAR[], 1)", cases)
    compare("%s::jsonb ?& %s::text[]", "sqlvec_jsonb_exists(?, ?::VARCHAR[], 0)", cases)


def test_what_lies_at_a_path_is_as_there(compare):
    rng = random.Random(13)
    cases = [(text, _path(rng)) for text in _documents(400, 13)]
    compare("(%s::jsonb #> %s::text[])::text", "sqlvec_json_path(?, ?::VARCHAR[])", cases)
    compare("%s::jsonb #>> %s::text[]", "sqlvec_json_path_text(?, ?::VARCHAR[])", cases)


def test_jsonb_set_is_as_there(compare):
    rng = random.Random(14)
    cases = [
        (text, _path(rng), new, rng.random() < 0.5)
        for text, new in zip(_documents(400, 14), _documents(400, 15), strict=True)
    ]
    ours = "sqlvec_jsonb_set(?::JSON, ?::VARCHAR[], ?::JSON, ?)::VARCHAR"
    compare("jsonb_set(%s::jsonb, %s::text[], %s::jsonb, %s)::text", ours, cases)


def test_types_nulls_and_layout_of_json_are_as_there(compare):
    cases = [(text,) for text in _documents(200, 16)]
    compare("jsonb_typeof(%s::jsonb)", "sqlvec_json_typeof(?)", cases)
    compare("jsonb_strip_nulls(%s::jsonb)::text", "sqlvec_jsonb_strip_nulls(?)::VARCHAR", cases)
    compare("jsonb_pretty(%s::jsonb)", "sqlvec_jsonb_pretty(?)", cases)
