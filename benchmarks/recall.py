"""Recall and speed at default settings, over a real server: load, build, and 1,000 queries per filter.

    make bench                                    the data of ../shared/data when there, else generated
    make bench BENCH="--data DIR --queries 200"

Exit code 1 if a query got other than k rows or a filter's recall is below the target.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import psycopg
from rich.console import Console
from rich.table import Table

from sqlvec.demo.server import Server

from .binary_copy import pieces
from .corpus import Corpus, generate_corpus, read_corpus
from .exact import recall, tenth_distances
from .filters import FILTERS, Filter

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
RESULTS = Path(__file__).parent / "results"
K = 10

CREATE_TABLE = """
CREATE TABLE packages (
    id bigint PRIMARY KEY, package text, section text, installed_kb integer, tags text[], meta jsonb,
    embedding vector(384)
)
"""
COPY = """
COPY packages (id, package, section, installed_kb, tags, meta, embedding) FROM STDIN (FORMAT binary)
"""
CREATE_INDEX = """
CREATE INDEX ON packages USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 100)
"""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One filter's queries, summed up."""

    filter: str
    kept: float  # share of the rows the filter keeps
    recall: float
    recall_worst_tenth: float  # mean over the tenth of queries with the least recall
    rows: list[int]  # the distinct numbers of rows that came back
    median_ms: float
    p99_ms: float
    strategy: str
    plan: list[str]


def main() -> None:
    arguments = _arguments()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    corpus = _corpus(arguments.data).limited(arguments.rows, arguments.queries)
    console.print(f"{len(corpus.rows):,} rows, {len(corpus.queries):,} queries from {corpus.name}")
    with _connection(arguments.url) as connection:
        seconds = load(connection, corpus)
        console.print(", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items()))
        masks = [condition.mask(corpus) for condition in FILTERS]
        limits = tenth_distances(corpus, masks, K)
        measurements = [
            measure(connection, corpus, condition, float(mask.mean()), limit)
            for condition, mask, limit in zip(FILTERS, masks, limits, strict=True)
        ]
    console.print(as_table(measurements))
    console.print(f"written to {write(corpus, seconds, measurements)}")
    sys.exit(_verdict(measurements, arguments.target))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="directory of packages.parquet and queries.parquet")
    parser.add_argument("--rows", type=int, help="only the first so many rows")
    parser.add_argument("--queries", type=int, help="only the first so many queries")
    parser.add_argument("--url", help="a running server (its table packages is dropped); default: our own")
    parser.add_argument("--target", type=float, default=0.95, help="least recall@10 (default 0.95)")
    return parser.parse_args()


def _corpus(data: Path | None) -> Corpus:
    if data is None and not DATA.is_dir():
        return generate_corpus()
    return read_corpus(data or DATA)


@contextmanager
def _connection(url: str | None) -> Iterator[psycopg.Connection]:
    if url is not None:
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection
        return
    with TemporaryDirectory(prefix="sqlvec-bench-") as parent:
        server = Server(Path(parent) / "data")
        server.start()
        try:
            with server.connect() as connection:
                yield connection
            server.stop()
        finally:
            server.kill()


def load(connection: psycopg.Connection, corpus: Corpus) -> dict[str, float]:
    """Fills the table and builds the index; returns the seconds each took."""
    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    connection.execute("DROP TABLE IF EXISTS packages")
    connection.execute(CREATE_TABLE)
    started = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for piece in pieces(corpus):
            copy.write(piece)
    loaded = time.perf_counter()
    connection.execute(CREATE_INDEX)
    built = time.perf_counter()
    connection.execute("ANALYZE packages")
    analyzed = time.perf_counter()
    return {"load": loaded - started, "build": built - loaded, "analyze": analyzed - built}


def measure(
    connection: psycopg.Connection,
    corpus: Corpus,
    condition: Filter,
    kept: float,
    limits: npt.NDArray[np.float32],
) -> Measurement:
    """Asks every query once, one after the other, as a client would."""
    sql = f"SELECT id FROM packages {condition.where} ORDER BY embedding <=> %s::vector LIMIT {K}".encode()
    # Rows are numbered from 1 in the order of the corpus' vectors, unless the corpus says otherwise.
    position_of = {row["id"]: position for position, row in enumerate(corpus.rows)}
    texts = [str(query.tolist()) for query in corpus.queries]
    recalls, counts, times = [], set(), []
    for number, text in enumerate(texts):
        started = time.perf_counter()
        answer = connection.execute(sql, (text,)).fetchall()
        times.append(time.perf_counter() - started)
        counts.add(len(answer))
        positions = [position_of[identifier] for (identifier,) in answer]
        recalls.append(recall(corpus, number, positions, float(limits[number]), K))
    plan = [line for (line,) in connection.execute(b"EXPLAIN " + sql, (texts[0],))]
    worst = np.sort(recalls)[: max(1, len(recalls) // 10)]
    milliseconds = np.array(times) * 1000
    return Measurement(
        condition.sql or "(none)", kept, float(np.mean(recalls)), float(worst.mean()), sorted(counts),
        float(np.median(milliseconds)), float(np.percentile(milliseconds, 99)), strategy_of(plan), plan,
    )  # fmt: skip


def strategy_of(plan: list[str]) -> str:
    """The line that names the strategy; without one, the innermost node."""
    for line in plan:
        label, found, rest = line.strip().partition("Strategy: ")
        if found and not label:
            return rest
    nodes = [line for line in plan if "(cost=" in line] or plan[:1]
    return nodes[-1].partition("(cost=")[0].strip().removeprefix("->").strip()


def as_table(measurements: list[Measurement]) -> Table:
    table = Table(title=f"recall@{K} at default settings, one client")
    table.add_column("filter")
    for name in ("kept", "recall", "worst tenth", "rows", "median ms", "p99 ms"):
        table.add_column(name, justify="right")
    table.add_column("strategy")
    for m in measurements:
        table.add_row(
            m.filter, f"{m.kept:.1%}", f"{m.recall:.4f}", f"{m.recall_worst_tenth:.3f}",
            ",".join(map(str, m.rows)), f"{m.median_ms:.2f}", f"{m.p99_ms:.2f}", m.strategy,
        )  # fmt: skip
    return table


def write(corpus: Corpus, seconds: dict[str, float], measurements: list[Measurement]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"recall-{now:%Y%m%d-%H%M%S}.json"
    report = {
        "when": now.isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "python": platform.python_version(),
        "corpus": {"name": corpus.name, "rows": len(corpus.rows), "queries": len(corpus.queries)},
        "seconds": seconds,
        "measurements": [asdict(measurement) for measurement in measurements],
    }
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return path


def _verdict(measurements: list[Measurement], target: float) -> int:
    failures = [
        f"{m.filter}: recall {m.recall:.4f}, rows {m.rows}"
        for m in measurements
        if m.recall < target or m.rows != [K]
    ]
    for failure in failures:
        print(f"below target: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    main()
