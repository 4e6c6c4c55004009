"""COALESCE over what functions of ours return: DuckDB's own frees the text too early."""

from __future__ import annotations

import pytest

from sqlvec.database import Connection

ROWS = 5000


@pytest.mark.parametrize(
    "sql",
    [
        "select coalesce(initcap(s), '') from t order by id",
        "select coalesce(e, '') from (select id, initcap(s) e from t) x order by id",
        "with x as (select id, initcap(s) e from t) select coalesce(e, '') from x order by id",
        "select coalesce(nullif(initcap(s), 'none'), '') from t order by id",
        "select coalesce(case when true then initcap(s) end, '') from t order by id",
        "select e from (select id, coalesce(initcap(s), '') e from t group by id, s) x order by id",
    ],
)
def test_texts_are_whole(connection: Connection, sql: str) -> None:
    connection.execute(
        "create table t as select i id, case when i % 7 <> 0 then 'hello wide world of text ' || i end s "
        f"from generate_series(1, {ROWS}) i"
    )
    expected = [("" if i % 7 == 0 else f"Hello Wide World Of Text {i}",) for i in range(1, ROWS + 1)]
    assert connection.execute(sql).fetchall() == expected


def test_vectors_can_be_chosen(connection: Connection) -> None:
    connection.execute("create table t (id int, v vector(2), w vector(2))")
    connection.execute("insert into t values (1, '[1,1]', null), (2, null, '[2,2]')")
    found = connection.execute(
        "select coalesce(v, w), case id when 1 then v else '[0,0]' end from t order by id"
    )
    assert found.fetchall() == [([1.0, 1.0], [1.0, 1.0]), ([2.0, 2.0], [0.0, 0.0])]
    connection.execute("update t set v = coalesce(v, w)")
    assert connection.execute("select v from t order by id").fetchall() == [([1.0, 1.0],), ([2.0, 2.0],)]
