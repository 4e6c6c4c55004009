"""A database in memory, and connections to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqlvec.database import Connection, Database


@pytest.fixture
def database() -> Iterator[Database]:
    with Database(":memory:", threads=1) as opened:
        yield opened


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.connect() as opened:
        yield opened


@pytest.fixture
def other(database: Database) -> Iterator[Connection]:
    with database.connect() as opened:
        yield opened
