"""CrashWriter: writes to rows of its own until the server is gone, and knows what must be there afterwards.

A transaction whose COMMIT was not answered may be there or not, but as a whole.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.support.server import Server

RANGE = 1_000_000  # keys of one writer
PRIME = 9973

SETUP = (
    "create table things (id int primary key, s int not null, n int not null, v vector(3))",
    "create index things_hnsw on things using hnsw (v vector_l2_ops) with (m = 8, ef_construction = 40)",
    "create index things_ivf on things using ivfflat (v vector_cosine_ops) with (lists = 4)",
)


@dataclass(frozen=True, slots=True)
class State:
    """What one writer's part of the database looks like."""

    rows: dict[int, tuple[int, int]] = field(default_factory=dict)  # id to s and n
    tables: dict[str, int] = field(default_factory=dict)  # tables of its own, and how many columns they have


def vector_of(scalar: int) -> str:
    return f"[{scalar % 101 + 1},{scalar * 31 % PRIME},{scalar * 7 % 211}]"


class CrashWriter:
    """`known` is acknowledged; `next` is what the transaction at work leads to."""

    def __init__(self, server: Server, number: int, seed: int, known: State) -> None:
        self.known = self.next = known
        self.first = number * RANGE
        self.count = 0
        self.failure: str | None = None
        self._name = f"side{number}"
        self._server = server
        self._random = random.Random(f"{seed}/{number}")

    def run(self, enough: threading.Event) -> None:
        try:
            with self._server.connect() as connection:
                while True:
                    self._transaction(connection)
                    self.known = self.next
                    self.count += 1
                    if self.count >= 3:
                        enough.set()
        except psycopg.OperationalError as error:
            if error.sqlstate not in (None, "57P01", "57P02", "57P03"):
                self.failure = f"{error.sqlstate} {error}"
        except Exception as error:  # it is looked at after the crash
            self.failure = repr(error)
        finally:
            enough.set()

    def _transaction(self, connection: psycopg.Connection[Any]) -> None:
        draft = State(dict(self.known.rows), dict(self.known.tables))
        steps = self._random.choices(STEPS, k=self._random.randint(1, 4))
        if self._random.random() < 0.3:  # a statement of its own is a transaction too
            state = State(dict(draft.rows), dict(draft.tables))
            statements = steps[0](self, state)
            if len(statements) == 1:
                self.next = state
                self._run(connection, statements[0])
                return
        statements = [statement for step in steps for statement in step(self, draft)]
        self.next = draft
        with connection.transaction():
            for statement in statements:
                self._run(connection, statement)

    def _run(self, connection: psycopg.Connection[Any], statement: tuple[str, list[str]]) -> None:
        sql, lines = statement
        if not lines:
            connection.execute(sql.encode())
            return
        with connection.cursor().copy(sql.encode()) as copy:
            copy.write("".join(lines))

    # Steps: each changes the state and gives the statements that do the same ---------------------------------

    def _new(self, state: State, most: int) -> list[int]:
        fresh = range(self.first, self.first + 3000)
        chosen = [key for key in self._random.sample(fresh, most * 2) if key not in state.rows]
        return chosen[: self._random.randint(1, most)]

    def _some(self, state: State) -> list[int]:
        return self._random.sample(sorted(state.rows), min(len(state.rows), self._random.randint(1, 8)))

    def _scalar(self) -> int:
        return self._random.randrange(10_000)

    def insert(self, state: State) -> list[tuple[str, list[str]]]:
        keys = self._new(state, 30)
        state.rows.update({key: (self._scalar(), 0) for key in keys})
        values = ", ".join(_row(key, *state.rows[key]) for key in keys)
        return [(f"insert into things values {values}", [])] if keys else []

    def copy(self, state: State) -> list[tuple[str, list[str]]]:
        keys = self._new(state, 200)
        state.rows.update({key: (self._scalar(), 0) for key in keys})
        lines = [f"{key}\t{s}\t{n}\t{vector_of(s)}\n" for key in keys for s, n in [state.rows[key]]]
        return [("copy things from stdin", lines)] if keys else []

    def update_vectors(self, state: State) -> list[tuple[str, list[str]]]:
        statements: list[tuple[str, list[str]]] = []
        for key in self._some(state):
            state.rows[key] = (scalar := self._scalar(), state.rows[key][1])
            sql = f"update things set s = {scalar}, v = '{vector_of(scalar)}' where id = {key}"
            statements.append((sql, []))
        return statements

    def update_scalars(self, state: State) -> list[tuple[str, list[str]]]:
        keys = self._some(state)
        state.rows.update({key: (state.rows[key][0], state.rows[key][1] + 1) for key in keys})
        return [(f"update things set n = n + 1 where id in ({_list(keys)})", [])] if keys else []

    def delete(self, state: State) -> list[tuple[str, list[str]]]:
        keys = self._some(state)
        for key in keys:
            del state.rows[key]
        return [(f"delete from things where id in ({_list(keys)})", [])] if keys else []

    def upsert(self, state: State) -> list[tuple[str, list[str]]]:
        keys = [*self._some(state), *self._new(state, 5)]
        for key in keys:
            state.rows[key] = (self._scalar(), state.rows[key][1] + 1 if key in state.rows else 0)
        values = ", ".join(_row(key, state.rows[key][0], 0) for key in keys)
        conflict = "on conflict (id) do update set s = excluded.s, v = excluded.v, n = things.n + 1"
        return [(f"insert into things values {values} {conflict}", [])] if keys else []

    def define(self, state: State) -> list[tuple[str, list[str]]]:
        """Tables come, grow and go."""
        if state.tables and self._random.random() < 0.6:
            name = self._random.choice(sorted(state.tables))
            if self._random.random() < 0.5:
                del state.tables[name]
                return [(f"drop table {name}", [])]
            state.tables[name] += 1
            return [(f"alter table {name} add column c{state.tables[name]} int default 7", [])]
        name = f"{self._name}_{self._random.randrange(10_000)}"
        if name in state.tables:
            return []
        state.tables[name] = 2
        return [
            (f"create table {name} (id int, v vector(2))", []),
            (f"insert into {name} values (1, '[1,2]')", []),
            (f"create index on {name} using hnsw (v vector_l2_ops)", []),
        ]


STEPS: tuple[Callable[[CrashWriter, State], list[tuple[str, list[str]]]], ...] = (
    CrashWriter.insert, CrashWriter.insert, CrashWriter.copy, CrashWriter.update_vectors, CrashWriter.update_vectors,
    CrashWriter.update_scalars, CrashWriter.delete, CrashWriter.upsert, CrashWriter.define,
)  # fmt: skip


def _row(key: int, scalar: int, number: int) -> str:
    return f"({key}, {scalar}, {number}, '{vector_of(scalar)}')"


def _list(keys: list[int]) -> str:
    return ", ".join(map(str, keys))
