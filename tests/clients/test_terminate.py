"""pg_cancel_backend and pg_terminate_backend through psycopg."""

from __future__ import annotations

import threading

import psycopg
import pytest

from tests.support.server import Server


def test_an_idle_connection_is_ended(server: Server) -> None:
    with server.connect() as one, server.connect() as two:
        two.autocommit = True
        assert two.execute("select pg_terminate_backend(%s)", (one.info.backend_pid,)).fetchall() == [(True,)]
        with pytest.raises(psycopg.OperationalError, match=r"administrator command|closed"):
            for _ in range(100):
                one.execute("select 1")
        assert two.execute("select pg_terminate_backend(1)").fetchall() == [(False,)]


def test_a_lock_of_an_ended_connection_is_free(server: Server) -> None:
    with server.connect() as one, server.connect() as two:
        two.autocommit = True
        one.execute("select pg_advisory_lock(77)")
        two.execute("select pg_terminate_backend(%s)", (one.info.backend_pid,))
        two.execute("set statement_timeout = '10s'")
        two.execute("select pg_advisory_lock(77)")


def test_a_running_statement_is_cancelled_and_the_connection_lives(server: Server) -> None:
    failures: list[BaseException] = []
    with server.connect() as one, server.connect() as two:
        one.autocommit = two.autocommit = True

        def sleep() -> None:
            try:
                one.execute("select pg_sleep(30)")
            except psycopg.errors.QueryCanceled as error:
                failures.append(error)

        sleeper = threading.Thread(target=sleep)
        sleeper.start()
        running = (
            "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'"
        )
        while two.execute(running).fetchall() != [(1,)]:
            pass
        assert two.execute("select pg_cancel_backend(%s)", (one.info.backend_pid,)).fetchall() == [(True,)]
        sleeper.join(10)
        assert len(failures) == 1
        assert one.execute("select 1").fetchall() == [(1,)]
