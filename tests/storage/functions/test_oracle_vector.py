"""Functions of vectors against a real pgvector, on random vectors."""

from __future__ import annotations

import random

import pytest

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result"),
]


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
    cases = [case for case in cases if symbol != "<=>" or (any(case[0]) and any(case[1]))]
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
