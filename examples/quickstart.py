"""A table with a vector column, five rows, an index, and two questions, through psycopg."""

import sys

import psycopg

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
COLOURS = [
    ("red", "warm", "[1, 0, 0]"),
    ("orange", "warm", "[1, 0.6, 0]"),
    ("yellow", "warm", "[1, 1, 0]"),
    ("green", "cold", "[0, 0.8, 0]"),
    ("blue", "cold", "[0, 0, 1]"),
]


def main(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute("DROP TABLE IF EXISTS colours")
        connection.execute("CREATE TABLE colours (name text PRIMARY KEY, feel text, rgb vector(3))")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO colours VALUES (%s, %s, %s)", COLOURS)
        connection.execute("CREATE INDEX ON colours USING hnsw (rgb vector_l2_ops)")

        nearest = connection.execute(
            "SELECT name, rgb <-> %(q)s AS distance FROM colours ORDER BY rgb <-> %(q)s LIMIT 2",
            {"q": "[0.9, 0.5, 0]"},
        )
        for name, distance in nearest:
            print(f"{name:8} {distance:.3f}")

        cold = connection.execute(
            "SELECT name FROM colours WHERE feel = 'cold' ORDER BY rgb <-> %s LIMIT 2", ("[0.9, 0.5, 0]",)
        )
        print("cold:", ", ".join(name for (name,) in cold))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else SERVER)
