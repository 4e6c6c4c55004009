"""HistoryClient: one connection that makes random transactions of changes and observations."""

from __future__ import annotations

import random
from typing import Any

import psycopg

from tests.torture.history import Effect, History
from tests.torture.history_observations import OBSERVATIONS
from tests.torture.history_tables import CHANGES

LEVELS = ("read committed", "repeatable read")
STRATEGIES = ("auto", "exact_scan", "prefilter", "filtered_index", "postfilter")
# What PostgreSQL's clients have to expect: they roll back and do something else.
ACCEPTED = {"40001": "serialization failure", "40P01": "deadlock", "23505": "duplicate key"}


class Violation(AssertionError):
    """The database broke a promise."""


class HistoryClient:
    """Runs in a thread of its own until the history is over."""

    def __init__(
        self, number: int, connection: psycopg.Connection[Any], history: History, *, is_ours: bool
    ) -> None:
        self.name = f"client {number}"
        self.random = random.Random(f"{history.seed}/{number}")
        self.level = LEVELS[0]
        self.effects: list[Effect] = []
        self.memory: dict[str, Any] = {}  # what its observations have seen before
        self.is_fresh = False  # nothing has been written in this transaction
        self._connection = connection
        self._history = history
        self._is_ours = is_ours
        self._elements = number * 1_000_000

    def run(self) -> None:
        try:
            while not self._history.is_over:
                self._transaction()
        except Exception as error:  # whatever it is, the history shall be printed
            self._history.violate(self.name, f"{type(error).__name__}: {error}")
        finally:
            self._connection.close()

    def new_element(self) -> int:
        """A number that no list has got yet."""
        self._elements += 1
        return self._elements

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement, noted with its answer."""
        try:
            cursor = self._connection.execute(sql.encode())
        except psycopg.Error as error:
            self._history.note(self.name, f"{sql} -> {error.sqlstate} {error.diag.message_primary}")
            raise
        rows = cursor.fetchall() if cursor.description else []
        self._history.note(self.name, f"{sql} -> {cursor.statusmessage} {str(rows)[:300]}")
        return rows

    def _transaction(self) -> None:
        self.effects, self.is_fresh = [], True
        if self._is_ours and self.random.random() < 0.3:
            self.ask(f"set sqlvec.force_strategy = {self.random.choice(STRATEGIES)}")
        is_block = self.random.random() < 0.85
        self.level = self.random.choice(LEVELS) if is_block else LEVELS[0]
        outcome = "committed"
        try:
            # A single change may take several statements, so it needs a block too.
            self.ask(f"begin isolation level {self.level}")
            self._steps(self.random.randint(1, 5) if is_block else 1)
            if self.random.random() < 0.15:
                self.ask("rollback")
                outcome, self.effects = "rolled back", []
            else:
                self.ask("commit")
        except psycopg.Error as error:
            if error.sqlstate not in ACCEPTED:
                raise
            outcome, self.effects = ACCEPTED[error.sqlstate], []
            self.ask("rollback")
        self._history.end(outcome, self.effects)

    def _steps(self, count: int) -> None:
        savepoints: list[tuple[str, int]] = []
        for number in range(count):
            chance = self.random.random()
            if chance < 0.2:
                savepoints.append((f"s{number}", len(self.effects)))
                self.ask(f"savepoint s{number}")
            elif chance < 0.35 and savepoints:
                at = self.random.randrange(len(savepoints))
                del savepoints[at + 1 :]
                name, kept = savepoints[at]
                self.ask(f"rollback to {name}")
                del self.effects[kept:]
            elif chance < 0.4 and savepoints:
                self.ask(f"release {savepoints.pop()[0]}")
            self._step()

    def _step(self) -> None:
        if self.random.random() < 0.5:
            complaint = self.random.choice(OBSERVATIONS)(self)
            if complaint:
                raise Violation(complaint)
        else:
            self.is_fresh = False
            self.effects.extend(self.random.choice(CHANGES)(self))
