"""StatementMix: a stream of random statements over a few tables, the same for the same seed and access method.

A server is a fair partner of the stream when it says after each statement whether a block is open or has failed:
what comes next depends on that and the seed alone.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from psycopg.pq import TransactionStatus

from tests.torture.blanks import ROWS, Blanks
from tests.torture.episode_templates import EPISODES, IN_BLOCK, UNDONE
from tests.torture.search import Search
from tests.torture.statement_templates import CHANGES, FAULTS, NESTED, QUERIES, SCHEMA, SEARCHED_CHANGES

ROWS_AT_ONCE = 100
OPCLASSES = {
    "hnsw": ("vector_l2_ops", "vector_cosine_ops", "vector_ip_ops", "vector_l1_ops"),
    "ivfflat": ("vector_l2_ops", "vector_cosine_ops", "vector_ip_ops"),
}
_ALTERS_COLUMN = re.compile(r"alter table \w+ (add|drop|rename|alter) column")
LOCKING = ("alter", "create", "drop", "lock", "reindex", "truncate", "@create", "@drop")
# Kinds that are left out because sqlvec answers them otherwise than PostgreSQL today, and how. Who mends one takes
# it out here.
KNOWN_DIFFERENCES = {
    "episode new primary key": "an insert still meets a constraint that its block has dropped: 23505",
    "episode unique index": "after DELETE and CREATE UNIQUE INDEX in a block, an UPDATE of a vector fails: 23505",
    "episode create table": "a search of a table that its block has created and not filled: 42P01",
    "episode rename column under view": "a view names columns by their text: 42703 after RENAME",
}


class Role(Enum):
    """The main session changes things; the observer reads what it has committed, now and then from an old snapshot."""

    MAIN = "main"
    OBSERVER = "observer"


Statuses = Mapping[Role, TransactionStatus]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one session; `search` when it is nothing but that search."""

    kind: str
    sql: str
    search: Search | None = None
    role: Role = Role.MAIN
    is_extended: bool = False  # prepared and executed, instead of a simple query


class StatementMix:
    """Statements for seed and access method; None for the method: the vectors have no index."""

    def __init__(self, seed: int, method: str | None) -> None:
        self._chance = random.Random(seed)
        self._method = method
        self._blanks = Blanks(self._chance, is_exact=seed % 2 == 0)
        self._changes = CHANGES | (SEARCHED_CHANGES if seed % 2 == 0 else {})
        self._opclass = self._chance.choice(OPCLASSES[method]) if method else ""
        self._coming: deque[tuple[str, str]] = deque()  # kind and SQL, or a line of an episode
        self._has_savepoint = False
        self._is_repeatable = False  # the main session's block
        self._held: Statement | None = None
        self._may_observe = True  # no DDL in the main session's block holds up the observer

    def beginning(self) -> Iterator[str]:
        """Tables, rows and indexes to begin with."""
        yield from map(self._blanks.fill, SCHEMA)
        for first in range(0, ROWS, ROWS_AT_ONCE):
            rows = ", ".join(map(self._blanks.row, range(first, first + ROWS_AT_ONCE)))
            yield f"insert into mixed values {rows}"
        yield "insert into archive select id, cat, v from mixed where cat is not null and id % 3 = 0"
        if self._method:
            yield self._create_index("mixed")
            yield self._create_index("archive")

    def next(self, statuses: Statuses) -> Statement:
        """The statement to send to servers whose sessions have this status."""
        main, observer = statuses[Role.MAIN], statuses[Role.OBSERVER]
        if main is TransactionStatus.IDLE:
            self._may_observe = True
            self._is_repeatable = False
        if observer is TransactionStatus.INERROR:
            return Statement("end", "rollback", role=Role.OBSERVER)
        if main is TransactionStatus.INERROR:
            return self._recovery()
        if not self._coming and not self._held:
            if self._may_observe and self._chance.random() < 0.15:
                return self._observation(is_open=observer is TransactionStatus.INTRANS)
            self._plan(
                is_open=main is TransactionStatus.INTRANS, is_observed=observer is TransactionStatus.INTRANS
            )
        statement = self._held or self._statement(*self._coming.popleft())
        self._held = None
        if statement.sql.startswith(LOCKING) and observer is TransactionStatus.INTRANS:
            self._held = statement
            return Statement("end", "commit", role=Role.OBSERVER)  # or the statement waits for it
        return statement

    def any_search(self) -> Search:
        return self._blanks.search((1, 3, 10, 10, 50, 300, 5000))

    def _recovery(self) -> Statement:
        """A failed block takes nothing but this, and there may be no such savepoint."""
        while self._coming:
            kind, line = self._coming.popleft()
            if line.startswith("rollback to before"):
                return Statement(kind, line)
        return Statement(
            "end", self._chance.choice(("rollback", "rollback", "rollback to s", "rollback to e"))
        )

    def _observation(self, *, is_open: bool) -> Statement:
        if self._chance.random() < 0.15 and not self._is_repeatable:
            sql = "commit" if is_open else "begin isolation level repeatable read read only"
            return Statement("block", sql, role=Role.OBSERVER)
        line = self._chance.choice(("@search", "@query", "@nested"))
        return replace(self._statement("", line), role=Role.OBSERVER)

    def _plan(self, *, is_open: bool, is_observed: bool) -> None:
        share = self._chance.random()
        if share < 0.04:
            self._coming.append(("block", self._toggle(is_open=is_open, is_observed=is_observed)))
        elif share < 0.06 and is_open:
            self._coming.append(("block", self._savepoint()))
        elif share < 0.10:
            self._plan_episode(is_open=is_open)
        else:
            sorts = ("@search", "@query", "@nested", "@change", "@fault")
            self._coming.append(("", self._chance.choices(sorts, (8, 7, 8, 6, 1))[0]))

    def _toggle(self, *, is_open: bool, is_observed: bool) -> str:
        self._has_savepoint = self._is_repeatable = False
        if is_open:
            return self._chance.choice(("commit", "rollback"))
        # Answered otherwise today: ROLLBACK TO in a REPEATABLE READ block fails when another one has ended since.
        self._is_repeatable = not is_observed and self._chance.random() < 0.4
        if self._is_repeatable:
            return "begin isolation level repeatable read"
        return self._chance.choice(("begin", "start transaction"))

    def _savepoint(self) -> str:
        choices = ("savepoint s", "rollback to s", "release s") if self._has_savepoint else ("savepoint s",)
        chosen = self._chance.choice(choices)
        self._has_savepoint = chosen != "release s"
        return chosen

    def _plan_episode(self, *, is_open: bool) -> None:
        group: Mapping[str, tuple[str, ...]] = self._chance.choice((EPISODES, EPISODES, UNDONE, IN_BLOCK))
        name = self._pick("episode", group)
        remembered: dict[str, str] = {}
        lines = [self._blanks.fill(line, remembered) for line in group[name]]
        # Answered otherwise today: behind such DDL a block does not see taken keys before COMMIT.
        is_undone = group is UNDONE or any(map(_ALTERS_COLUMN.match, lines))
        needs_block = group is not EPISODES or any(line.startswith("savepoint") for line in lines)
        if needs_block or (is_open and is_undone) or self._chance.random() < 0.5:
            is_kept = not is_undone and self._chance.random() < 0.6
            lines = [*self._in_block(lines, is_open=is_open, is_kept=is_kept)]
        if is_open or lines[0] == "begin":
            self._may_observe &= not any(line.startswith(LOCKING) for line in lines)
        self._coming.extend((f"episode {name}", line) for line in lines)

    @staticmethod
    def _in_block(lines: list[str], *, is_open: bool, is_kept: bool) -> Iterator[str]:
        yield "savepoint e" if is_open else "begin"
        yield from lines
        if is_open:
            yield "release e" if is_kept else "rollback to e"
        else:
            yield "commit" if is_kept else "rollback"

    def _statement(self, kind: str, line: str) -> Statement:
        match line:
            case "@search":
                search = self.any_search()
                return Statement("search", search.sql(), search, is_extended=self._is_extended())
            case "@create_index":
                return Statement(kind, self._create_index("mixed"))
            case "@drop_index":
                return Statement(kind, "drop index if exists mixed_v")
            case "@nested":
                return self._filled("nested", NESTED)
            case "@query":
                return self._filled("query", QUERIES)
            case "@change":
                return self._filled("change", self._changes)
            case "@fault":
                return self._filled("fault", FAULTS)
            case _:
                return Statement(kind, line)

    def _filled(self, sort: str, templates: Mapping[str, str]) -> Statement:
        name = self._pick(sort, templates)
        sql = self._blanks.fill(templates[name])
        return Statement(f"{sort} {name}", sql, is_extended=self._is_extended())

    def _is_extended(self) -> bool:
        return self._chance.random() < 0.3

    def _pick(self, sort: str, templates: Mapping[str, object]) -> str:
        return self._chance.choice([name for name in templates if f"{sort} {name}" not in KNOWN_DIFFERENCES])

    def _create_index(self, table: str) -> str:
        if not self._method:
            return "select 1"
        options = " with (lists = 20)" if self._method == "ivfflat" else ""
        return f"create index {table}_v on {table} using {self._method} (v {self._opclass}){options}"
