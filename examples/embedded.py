"""The database inside this process: no server, results as rows, Arrow and numpy; then a port for others."""

import psycopg

import sqlvec
from sqlvec import example_data

CREATE = "CREATE TABLE packages (name text PRIMARY KEY, section text, embedding vector(384))"
NEAREST = """
    SELECT name, section, embedding <=> $1::vector AS distance
    FROM packages WHERE section = $2 ORDER BY distance LIMIT 3
"""


def main() -> None:
    packages = example_data.packages().slice(0, 500)
    vectors = [str(vector.tolist()) for vector in example_data.embeddings(packages)]
    with sqlvec.connect(":memory:") as connection:
        connection.execute(CREATE)
        rows = zip(packages["name"].to_pylist(), packages["section"].to_pylist(), vectors, strict=True)
        connection.execute("BEGIN")
        for row in rows:
            connection.execute("INSERT INTO packages VALUES ($1, $2, $3)", row)
        connection.execute("COMMIT")

        result = connection.execute(NEAREST, (vectors[0], "admin"))
        for name, section, distance in result.fetchall():
            print(f"{name} ({section}): {distance:.3f}")
        print(
            connection.execute("SELECT section, count(*) FROM packages GROUP BY 1").arrow().num_rows,
            "sections",
        )

        # The same database for other programs, while this one keeps it open.
        server = sqlvec.serve(connection)
        with psycopg.connect(
            host="127.0.0.1", port=server.port, user="postgres", dbname="postgres"
        ) as client:
            print(client.execute("SELECT count(*) FROM packages").fetchone(), "rows through the port")
        server.close()


if __name__ == "__main__":
    main()
