"""Functions of numbers, intervals and types against a real PostgreSQL."""

from __future__ import annotations

import random

import pytest

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result"),
]


def test_scaled_intervals_are_as_there(compare):
    rng = random.Random(20)
    factors = [0.0, 1.5, -1.0, 0.1, 1 / 3, 2.7, 1e-7, -0.7, 100.25, 1e12]
    cases = []
    for factor in factors:
        for _ in range(40):
            months, days, seconds = rng.randrange(-50, 50), rng.randrange(-99, 99), rng.uniform(-1e5, 1e5)
            cases.append((f"{months} months {days} days {seconds:.6f} seconds", factor))
    for symbol, name in (("*", "scale"), ("/", "divide")):
        # Arrow's nanoseconds end after 292 years, where PostgreSQL's microseconds go on.
        chosen = [case for case in cases if name == "scale" or case[1] != 1e-7]
        theirs = f"(%s::interval {symbol} %s::float8)::text"
        compare(theirs, f"sqlvec_interval_{name}(CAST(? AS INTERVAL), ?)", chosen)


def test_justified_days_are_as_there(compare):
    rng = random.Random(21)
    cases = [(f"{rng.randrange(-5, 5)} months {rng.randrange(-200, 200)} days",) for _ in range(200)]
    compare("justify_days(%s::interval)::text", "sqlvec_justify_days(CAST(? AS INTERVAL))", cases)


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
