"""Runs .slt files on a real PostgreSQL with pgvector and prints where they differ.

    python tools/oracle_check.py [--update] FILE|FOLDER...

With --update the files are rewritten with the real server's answers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.congruence.postgres import running_postgres
from tests.support.sqllogictest import Runner, parse


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    files = [
        file
        for path in arguments.paths
        for file in ([path] if path.is_file() else sorted(path.rglob("*.slt")))
    ]
    total = 0
    with tempfile.TemporaryDirectory() as directory, running_postgres(Path(directory)) as dsn:
        for file in files:
            total += check(file, dsn, update=arguments.update)
    return 1 if total else 0


def check(file: Path, dsn: str, *, update: bool) -> int:
    with Runner(dsn, "postgres") as runner:
        differences = runner.run_file(file, update=update)
    count = sum(1 for _ in parse(file.read_text(encoding="utf-8")))
    print(f"{file}: {count} records, {len(differences)} differ")
    for difference in differences:
        print(difference)
    return len(differences)


if __name__ == "__main__":
    sys.exit(main())
