"""Churn: what vector updates, one row each, do to the searches after them.

python benchmarks/churn.py [--rows 5000] [--updates 2000] [--dimensions 64] [--index]
"""

from __future__ import annotations

import argparse
from time import perf_counter

import numpy as np

import sqlvec

QUERIES = {
    "filtered": "select id from items where g = 7 order by v <-> $1::vector limit 5",
    "exact": "select id from items order by v <-> $1::vector limit 5",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--dimensions", type=int, default=64)
    parser.add_argument("--index", action="store_true")
    options = parser.parse_args()
    random = np.random.default_rng(7)
    with sqlvec.connect() as connection:
        fill(connection, options.rows, options.dimensions, random)
        if options.index:
            connection.execute("create index on items using hnsw (v vector_l2_ops)")
        measure(connection, options.dimensions, random, "fresh")
        for done in range(options.updates // 4, options.updates + 1, options.updates // 4):
            started = perf_counter()
            for _ in range(options.updates // 4):
                row = int(random.integers(options.rows))
                connection.execute(
                    "update items set v = $1 where id = $2", (vector(options.dimensions, random), row)
                )
            each = (perf_counter() - started) / (options.updates // 4)
            measure(connection, options.dimensions, random, f"{done} updates, {each * 1000:.1f} ms each")


def fill(connection: sqlvec.Connection, rows: int, dimensions: int, random: np.random.Generator) -> None:
    connection.execute(f"create table items (id int primary key, g int, v vector({dimensions}))")
    for start in range(0, rows, 1000):
        values = ", ".join(
            f"({number}, {number % 50}, '{vector(dimensions, random)}')"
            for number in range(start, min(start + 1000, rows))
        )
        connection.execute(f"insert into items values {values}")


def vector(dimensions: int, random: np.random.Generator) -> str:
    return str([round(float(value), 4) for value in random.random(dimensions)])


def measure(connection: sqlvec.Connection, dimensions: int, random: np.random.Generator, when: str) -> None:
    figures = []
    for name, query in QUERIES.items():
        times = []
        for _ in range(60):
            asked = (vector(dimensions, random),)
            started = perf_counter()
            connection.execute(query, asked)
            times.append(perf_counter() - started)
        figures.append(
            f"{name} {np.median(times) * 1000:.2f} ms, p95 {np.percentile(times, 95) * 1000:.2f} ms"
        )
    print(f"{when}: {'; '.join(figures)}", flush=True)


if __name__ == "__main__":
    main()
