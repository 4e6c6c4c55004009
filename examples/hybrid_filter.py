"""Debian packages by meaning and by facts: tags, JSON, sizes, names. Loads examples/data over COPY first."""

import json
import sys
from typing import LiteralString

import psycopg

from sqlvec import example_data

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"

CREATE: LiteralString = """
    CREATE TABLE software (
        name text PRIMARY KEY, section text, installed_kb int, tags text[], meta jsonb, embedding vector(384)
    )
"""

QUESTIONS: dict[str, LiteralString] = {
    "a graphical editor": "tags @> ARRAY['interface::x11'] AND section = 'editors'",
    "small, and a program": "installed_kb < 500 AND tags @> ARRAY['role::program']",
    "hosted on GitHub": "meta->>'homepage' LIKE 'https://github.com/%%'",
    "written in Python or Perl": "section IN ('python', 'perl')",
    "named after it": "name LIKE '%%' || %(like)s || '%%'",
}


def load(connection: psycopg.Connection) -> None:
    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    connection.execute("DROP TABLE IF EXISTS software")
    connection.execute(CREATE)
    packages = example_data.packages()
    vectors = example_data.embeddings(packages)
    with connection.cursor() as cursor, cursor.copy("COPY software FROM STDIN") as copy:
        for row, vector in zip(packages.drop_columns(["embedding"]).to_pylist(), vectors, strict=True):
            meta = json.dumps({"homepage": row["homepage"], "priority": row["priority"]})
            text = str(vector.tolist())
            copy.write_row((row["name"], row["section"], row["installed_kb"], row["tags"], meta, text))
    connection.execute("CREATE INDEX ON software USING hnsw (embedding vector_cosine_ops)")
    connection.execute("CREATE INDEX ON software (installed_kb)")


def ask(connection: psycopg.Connection, like: str) -> None:
    found = connection.execute("SELECT embedding FROM software WHERE name = %s", (like,)).fetchone()
    assert found is not None, like
    for question, condition in QUESTIONS.items():
        # The conditions are this script's own text; what comes from outside goes through parameters.
        query = f"SELECT name FROM software WHERE {condition} ORDER BY embedding <=> %(query)s LIMIT 3"
        rows = connection.execute(query.encode(), {"query": found[0], "like": like}).fetchall()
        print(f"like {like}, {question}: {', '.join(name for (name,) in rows)}")


def main(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        load(connection)
        ask(connection, "vim")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else SERVER)
