"""The installed wheel at work: an embedded query, then a served one. Run it outside the repository.

    python try_installation.py /path/of/the/repository

The argument is the place sqlvec must *not* have been imported from.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

import sqlvec

SETUP = (
    "CREATE TABLE points (id int PRIMARY KEY, v vector(2))",
    "INSERT INTO points VALUES (1, '[0,1]'), (2, '[1,0]')",
)
NEAREST = "SELECT id FROM points ORDER BY v <-> '[1,0.1]' LIMIT 2"
EXPECTED = [(2,), (1,)]


def main() -> None:
    repository = Path(sys.argv[1]).resolve()
    home = Path(sqlvec.__file__).resolve()
    if home.is_relative_to(repository) and "site-packages" not in home.parts:
        raise SystemExit(f"sqlvec came from the repository: {home}")
    check_files()
    check_embedded()
    with TemporaryDirectory() as directory:
        check_served(directory)
    print(f"wheel works: sqlvec {sqlvec.__version__} in {home.parent}")


def check_files() -> None:
    for package, name in (("sqlvec", "py.typed"), ("sqlvec.example_data", "debian_packages.parquet")):
        if not resources.files(package).joinpath(name).is_file():
            raise SystemExit(f"the wheel lacks {name} of {package}")


def check_embedded() -> None:
    with sqlvec.connect(":memory:") as connection:
        expect("embedded", connection.execute("select 1").fetchall(), [(1,)])
        for statement in SETUP:
            connection.execute(statement)
        expect("embedded", connection.execute(NEAREST).fetchall(), EXPECTED)


def check_served(directory: str) -> None:
    command = [str(Path(sys.executable).with_name("sqlvec")), "serve", "--port", "0", "--data", directory]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            ready = server.stdout.readline()
            print(ready, end="")
            port = int(ready.split(" (data:")[0].rpartition(":")[2])
            with psycopg.connect(
                host="127.0.0.1", port=port, user="postgres", dbname="postgres"
            ) as connection:
                for statement in SETUP:
                    connection.execute(statement)
                expect("served", connection.execute(NEAREST).fetchall(), EXPECTED)
        finally:
            server.terminate()
        if server.wait(timeout=30) != 0:
            raise SystemExit(f"the server ended with {server.returncode}")


def expect(where: str, found: list[tuple[object, ...]], expected: list[tuple[int]]) -> None:
    rows = [tuple(row) for row in found]
    if rows != expected:
        raise SystemExit(f"{where}: expected {expected}, found {rows}")


if __name__ == "__main__":
    main()
