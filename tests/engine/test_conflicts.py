"""Concurrent changes of the same rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import sqlvec
from sqlvec.core.errors import SerializationFailure


@pytest.fixture
def database() -> Iterator[sqlvec.Database]:
    with sqlvec.Database() as opened:
        with opened.connect() as connection:
            connection.execute("create table counters (id int primary key, n int, v vector(2))")
            connection.execute("insert into counters values (1, 0, '[0,0]')")
        yield opened


def test_statements_that_meet_on_a_row_wait_for_each_other(database: sqlvec.Database) -> None:
    failures: list[BaseException] = []

    def count() -> None:
        try:
            with database.connect() as connection:
                for _ in range(25):
                    connection.execute("update counters set n = n + 1 where id = 1")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.connect() as connection:
        assert connection.execute("select n from counters").fetchall() == [(100,)]


def test_a_transaction_block_that_meets_another_change_fails_with_40001(database: sqlvec.Database) -> None:
    with database.connect() as one, database.connect() as two:
        one.execute("begin")
        one.execute("update counters set n = 1")
        two.execute("begin")
        two.execute("insert into counters values (2, 0, null)")
        one.execute("commit")
        with pytest.raises(SerializationFailure):
            two.execute("update counters set n = 2 where id = 1")
        two.execute("rollback")
        assert one.execute("select n from counters").fetchall() == [(1,)]
