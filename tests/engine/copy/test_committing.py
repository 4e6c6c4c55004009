from __future__ import annotations

from sqlvec.core.outcome import CopyIn
from sqlvec.database import Connection


def test_the_tag_of_a_copy_comes_after_its_commit(connection: Connection, other: Connection) -> None:
    connection.execute("create table t (id int)")
    outcomes = connection._session.run_simple("copy t from stdin")
    outcome = next(outcomes)
    assert isinstance(outcome, CopyIn)
    outcome.sink.write(b"1\n2\n")
    assert other.execute("select count(*) from t").fetchall() == [(0,)]
    assert outcome.sink.finish() == "COPY 2"
    assert other.execute("select count(*) from t").fetchall() == [(2,)]
    assert list(outcomes) == []


def test_a_copy_within_a_block_waits_for_its_commit(connection: Connection, other: Connection) -> None:
    connection.execute("create table t (id int)")
    connection.execute("begin")
    outcome = next(connection._session.run_simple("copy t from stdin"))
    assert isinstance(outcome, CopyIn)
    outcome.sink.write(b"1\n")
    assert outcome.sink.finish() == "COPY 1"
    assert other.execute("select count(*) from t").fetchall() == [(0,)]
    connection.execute("commit")
    assert other.execute("select count(*) from t").fetchall() == [(1,)]
