"""Tour: the questions the demo asks, in order, and what makes each answer right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import psycopg

from .dataset import Dataset, Package, is_library
from .stage import Stage

Answer: TypeAlias = list[dict[str, str | None]]
RECALL = 0.9  # of the exact answer; approximate search may miss one of ten


class Mismatch(Exception):
    """The server's answer is not what the data says."""


@dataclass(frozen=True, slots=True)
class Step:
    """One search: the file of its SQL, the package whose embedding is the query, the rows to keep."""

    title: str
    says: str
    sql: str
    like: str
    count: int
    keep: Callable[[Package], bool]


def _anything(package: Package) -> bool:
    return True


SEARCHES = (
    Step(
        "Nearest neighbours",
        "Which packages are like nginx? Its own embedding is the query: %(query)s.",
        "nearest", "nginx", 10, _anything,
    ),
    Step(
        "Filtered by equality",
        "Always five rows when five exist, however few rows pass the filter.",
        "filter_equality", "postgresql", 5, lambda package: package["section"] == "python",
    ),
    Step(
        "Filtered by range",
        "Small programs like vlc.",
        "filter_range", "vlc", 5,
        lambda package: 100 <= package["installed_kb"] <= 1000 and not is_library(package),
    ),
    Step(
        "Filtered by array",
        "Command-line programs like gimp.",
        "filter_array", "gimp", 5,
        lambda package: {"role::program", "interface::commandline"} <= set(package["tags"]),
    ),
    Step(
        "Filtered by JSON",
        "Like vim, but part of every Debian system: 32 of 5,000 rows pass.",
        "filter_json", "vim", 5, lambda package: package["priority"] == "required",
    ),
)  # fmt: skip


def take_tour(stage: Stage, connection: psycopg.Connection, dataset: Dataset) -> None:
    """Runs every part; raises Mismatch at the first wrong answer."""
    for step in SEARCHES:
        stage.title(step.title)
        stage.say(step.says)
        answer = stage.run(connection, step.sql, {"query": dataset.vector_of(step.like)})
        check(answer, dataset.nearest(step.like, step.keep, step.count))
    within_distance(stage, connection, dataset)
    join(stage, connection, dataset)
    transaction(stage, connection, dataset)
    explain(stage, connection, dataset)


def within_distance(stage: Stage, connection: psycopg.Connection, dataset: Dataset) -> None:
    stage.title("By distance")
    stage.say("No LIMIT, but a radius: every row inside it, exactly.")
    answer = stage.run(connection, "threshold", {"query": dataset.vector_of("git")})
    check(answer, dataset.within("git", 0.45), recall=1.0)


def join(stage: Stage, connection: psycopg.Connection, dataset: Dataset) -> None:
    stage.title("Join and GROUP BY over search results")
    stage.say("A search is a table like any other: where do the hundred packages most like wireshark live?")
    answer = stage.run(connection, "join", {"query": dataset.vector_of("wireshark")})
    found = {row["of_all"] for row in answer}
    if len(answer) != 6 or found != {"100"}:
        raise Mismatch(f"expected 6 groups of 100 packages, found {len(answer)} of {found}")


def transaction(stage: Stage, connection: psycopg.Connection, dataset: Dataset) -> None:
    stage.title("A transaction that rolls back")
    stage.say("Inside the transaction the search sees its own deletes; after ROLLBACK nothing has happened.")
    query = {"query": dataset.vector_of("python3-requests")}
    before = stage.run(connection, "nearest_names", query)
    with connection.transaction(force_rollback=True):
        stage.say("BEGIN")
        stage.run(connection, "delete_section")
        inside = stage.run(connection, "nearest_names", query)
    stage.say("ROLLBACK")
    after = stage.run(connection, "nearest_names", query)
    check(inside, dataset.nearest("python3-requests", lambda package: package["section"] != "python", 5))
    if before != after:
        raise Mismatch("ROLLBACK changed the answer")


def explain(stage: Stage, connection: psycopg.Connection, dataset: Dataset) -> None:
    stage.title("EXPLAIN ANALYZE")
    stage.say(
        "Two plans. Each names the strategy the planner chose and its cost: where a filter leaves few rows "
        "it compares those exactly, where many it walks the graph. Read them as PostgreSQL's: cost and rows "
        "are the estimate, actual is what happened."
    )
    query = {"query": dataset.vector_of("postgresql")}
    for name in ("explain", "explain_nearest"):
        if not stage.run(connection, name, query):
            raise Mismatch("EXPLAIN ANALYZE returned no plan")


def check(answer: Answer, expected: list[str], recall: float = RECALL) -> None:
    """Exactly as many rows as there must be, in order of distance, and (nearly) the right ones."""
    names = [row["name"] for row in answer]
    if len(names) != len(expected):
        raise Mismatch(f"expected {len(expected)} rows, found {len(names)}")
    distances = [float(row["distance"] or "nan") for row in answer]
    if distances != sorted(distances):
        raise Mismatch("the rows are not in order of distance")
    missed = set(expected) - set(names)
    # One neighbour more or less is recall; of five rows that is already 0.8.
    if len(missed) > max(1, round(len(expected) * (1 - recall))) * (recall < 1):
        raise Mismatch(f"the exact answer has also {', '.join(sorted(missed))}")
