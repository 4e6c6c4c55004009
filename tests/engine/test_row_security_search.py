"""Vector searches under row-level security: all visible rows, no hidden one, and nothing told of these."""

from __future__ import annotations

import re

import pytest

from sqlvec.database import Connection

ROWS = 2000
STRATEGIES = ("auto", "exact_scan", "prefilter", "filtered_index", "postfilter")


@pytest.fixture
def search(connection: Connection) -> Connection:
    connection.execute("CREATE TABLE docs (id int PRIMARY KEY, tenant int, n int, e vector(4))")
    connection.execute(
        "INSERT INTO docs SELECT i, i % 50, i, ARRAY[sin(i), cos(i * 1.7), sin(i * 2.3), cos(i * 3.1)]::vector "
        f"FROM generate_series(0, {ROWS - 1}) AS g (i)"
    )
    connection.execute("CREATE INDEX ON docs USING hnsw (e vector_l2_ops)")
    for sql in (
        "CREATE ROLE tenant",
        "GRANT SELECT ON docs TO tenant",
        "ALTER TABLE docs ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON docs USING (tenant = current_setting('app.tenant')::int)",
        "SET app.tenant = '7'",
    ):
        connection.execute(sql)
    return connection


def nearest(connection: Connection, limit: int, where: str = "") -> list[int]:
    sql = f"SELECT id FROM docs {where} ORDER BY e <-> '[1,0,0,0]' LIMIT {limit}"
    return [row[0] for row in connection.execute(sql).fetchall()]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_k_rows_come_when_k_are_visible(search: Connection, strategy: str) -> None:
    expected = nearest(search, 20, "WHERE tenant = 7")
    search.execute("SET ROLE tenant")
    search.execute(f"SET sqlvec.force_strategy = '{strategy}'")
    found = nearest(search, 20)
    assert len(found) == 20
    assert {number % 50 for number in found} == {7}
    if strategy in ("exact_scan", "prefilter"):
        assert found == expected


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_filter_is_not_asked_about_hidden_rows(search: Connection, strategy: str) -> None:
    search.execute("SET ROLE tenant")
    search.execute(f"SET sqlvec.force_strategy = '{strategy}'")
    # Divides by zero in rows of other tenants only.
    assert len(nearest(search, 5, "WHERE 1 / (tenant - 8) < 1")) == 5
    assert len(nearest(search, 5, "WHERE 1 / (n - 8) < 1")) == 5


def test_a_range_search_sees_visible_rows_only(search: Connection) -> None:
    search.execute("SET ROLE tenant")
    found = search.execute("SELECT tenant FROM docs WHERE e <-> '[1,0,0,0]' < 2").fetchall()
    assert found
    assert set(found) == {(7,)}


def test_a_search_inside_a_transaction_that_wrote_is_guarded_too(search: Connection) -> None:
    search.execute("GRANT INSERT ON docs TO tenant")
    search.execute("SET ROLE tenant")
    search.execute("BEGIN")
    search.execute("INSERT INTO docs VALUES (100000, 7, 1, '[1,0,0,0]')")
    found = nearest(search, 10)
    search.execute("ROLLBACK")
    assert found[0] == 100000
    assert {number % 50 for number in found[1:]} == {7}


@pytest.mark.parametrize("options", ["", "ANALYZE", "(ANALYZE, VERBOSE)", "(ANALYZE, FORMAT JSON)"])
@pytest.mark.parametrize("query", ["SELECT id FROM docs ORDER BY e <-> '[1,0,0,0]' LIMIT 5",
                                   "SELECT id FROM docs WHERE n >= 0 ORDER BY e <-> '[1,0,0,0]' LIMIT 5",
                                   "SELECT count(*) FROM docs"])  # fmt: skip
def test_explain_tells_the_same_however_many_rows_are_hidden(
    search: Connection, options: str, query: str
) -> None:
    def explained() -> list[str]:
        search.execute("SET ROLE tenant")
        lines = [str(row[0]) for row in search.execute(f"EXPLAIN {options} {query}").fetchall()]
        search.execute("RESET ROLE")
        return [re.sub(r"(time[^0-9]*|Time[^0-9]*)[\d.]+(\.\.[\d.]+)?", r"\1", line) for line in lines]

    before = explained()
    search.execute("DELETE FROM docs WHERE tenant > 40")
    assert explained() == before
    assert not any("Selectivity" in line or "Distance Computations" in line for line in before)
