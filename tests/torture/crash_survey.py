"""CrashSurvey: what a server has after a restart, compared with what its writers know."""

from __future__ import annotations

import random
from typing import Any

import psycopg

from tests.support.server import Server
from tests.torture.crash_writer import RANGE, CrashWriter, State, vector_of

SAMPLE = 60  # rows looked for through each index
SEARCHES = (
    ("filtered_index", "<->", "things_hnsw"),
    ("postfilter", "<->", "things_hnsw"),
    ("filtered_index", "<=>", "things_ivf"),
)


def check_writers(server: Server, writers: list[CrashWriter]) -> list[State]:
    """Each writer's part is what it knows, or that with its last transaction, whole. Gives what is there."""
    found = []
    with server.connect() as connection:
        for writer in writers:
            assert writer.failure is None, writer.failure
            state = read(connection, writer)
            if state not in (writer.known, writer.next):
                raise AssertionError(f"writer {writer.first // RANGE}: {_difference(state, writer)}")
            found.append(state)
        check_rows_of_tables(connection, found)
    return found


def read(connection: psycopg.Connection[Any], writer: CrashWriter) -> State:
    number = writer.first // RANGE
    rows = connection.execute(
        f"select id, s, n, v::text from things where id between {writer.first} and {writer.first + RANGE - 1}"
    ).fetchall()
    assert len({row[0] for row in rows}) == len(rows), "a key is there twice"
    torn = [row for row in rows if row[3] != vector_of(row[1])]
    assert not torn, f"vector and scalar disagree: {torn[:5]}"
    tables = connection.execute(
        "select c.relname, count(*) from pg_class c join pg_attribute a on a.attrelid = c.oid "
        f"where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and c.relname like 'side{number}\\_%' "
        "group by c.relname"
    ).fetchall()
    return State({row[0]: (row[1], row[2]) for row in rows}, dict(tables))


def check_rows_of_tables(connection: psycopg.Connection[Any], states: list[State]) -> None:
    for name in (name for state in states for name in state.tables):
        rows = connection.execute(f"select id from {name} order by v <-> '[0,0]' limit 5").fetchall()
        assert rows == [(1,)], f"{name} has {rows}"


def _difference(state: State, writer: CrashWriter) -> str:
    parts = []
    for name, expected in (("acknowledged", writer.known), ("with the last transaction", writer.next)):
        lost = sorted(expected.rows.items() - state.rows.items())
        extra = sorted(state.rows.items() - expected.rows.items())
        parts.append(
            f"{name}: {len(lost)} rows lost or other {lost[:5]}, {len(extra)} not expected {extra[:5]}, "
            f"tables {state.tables} and not {expected.tables}"
        )
    return "\n".join(parts)


def check_indexes(server: Server, seed: int) -> None:
    """Each index finds every row that an exact scan finds: k rows, true distances, and a row at its own place."""
    with server.connect() as connection:
        rows = connection.execute("select id, v::text from things").fetchall()
        connection.execute("set hnsw.ef_search = 400")
        connection.execute("set ivfflat.probes = 4")
        for strategy, operator, index in SEARCHES:
            connection.execute(f"set sqlvec.force_strategy = {strategy}")
            for key, vector in random.Random(seed).sample(rows, min(SAMPLE, len(rows))):
                sql = f"select id, v {operator} '{vector}' from things order by v {operator} '{vector}' limit 10"
                found = connection.execute(sql.encode()).fetchall()
                assert len(found) == min(10, len(rows)), f"{index}: {len(found)} rows"
                assert abs(found[0][1]) < 1e-6, f"{index} does not find row {key}: {found}"
            ((count,),) = connection.execute(
                f"select count(*) from (select id from things order by v {operator} '[1,1,1]' limit {len(rows) + 1}) as q"
            ).fetchall()
            assert count == len(rows), f"{index}: {count} rows of {len(rows)}"
