"""What binding says about a query besides its SQL: types, parameters, origins, errors."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.planner.logical import QueryPlan
from sqlvec.planner.parse import parse
from sqlvec.planner.plan import plan_query
from sqlvec.planner.statements import Query
from tests.support.literal_catalog import ITEMS, LiteralCatalog


def bind(sql: str) -> QueryPlan:
    parsed = parse(sql)[0]
    assert isinstance(parsed.statement, Query)
    return plan_query(parsed.statement.tree, LiteralCatalog(), sql, parsed.parameter_count)


def types(sql: str) -> list[str | None]:
    return [column.type.name if column.type else None for column in bind(sql).columns]


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("n + 1", "int4"),
        ("n + id", "int8"),
        ("n + 1.5", "numeric"),
        ("n / 2", "int4"),
        ("sum(n)", "int8"),
        ("sum(id)", "numeric"),
        ("avg(n)", "numeric"),
        ("count(*)", "int8"),
        ("array_agg(n)", "_int4"),
        ("embedding <-> embedding", "float8"),
        ("at - at", "interval"),
        ("meta -> 'a'", "jsonb"),
        ("meta ->> 'a'", "text"),
        ("'x'", "text"),
        ("extract(year from at)", "numeric"),
        ("date_part('year', at)", "float8"),
        ("stddev(n)", "numeric"),
    ],
)
def test_expression_has_postgres_type(expression: str, name: str) -> None:
    assert types(f"select {expression} from items") == [name]


def test_context_decides_the_type_of_a_parameter() -> None:
    plan = bind("select id from items where n = $1 and name = $2 order by embedding <-> $3 limit $4")
    assert [kind.name for kind in plan.parameters] == ["int4", "text", "vector", "int8"]


def test_plain_column_keeps_its_origin() -> None:
    (column,) = bind("select name from items").columns
    assert (column.table_oid, column.attribute) == (ITEMS.oid, 2)


def test_random_makes_a_plan_volatile() -> None:
    assert bind("select random()").is_volatile


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        ("select x from items", "42703"),
        ("select id from nothing", "42P01"),
        ("select id from items i, authors", "42702"),
        ("select nothing(1)", "42883"),
        ("select name = 1 from items", "42883"),
        ("select '1'::nothing", "42704"),
        ("select 'a'::int", "22P02"),
        ("select true::numeric", "42846"),
        ("select id from items where n", "42804"),
        ("select name from items group by n", "42803"),
        ("select upper(name) filter (where true) from items", "42809"),
        ("with recursive r as (select 1 union all select max(1) from r) select * from r", "42P19"),
        ("select distinct name from items order by n", "42P10"),
    ],
)
def test_mistake_has_postgres_sqlstate(sql: str, sqlstate: str) -> None:
    with pytest.raises(SqlError) as caught:
        bind(sql)
    assert caught.value.sqlstate == sqlstate


def test_not_like_is_not_like() -> None:
    """sqlglot marks the node instead of wrapping it; the mark was once lost."""
    from_not_like = bind("select name not like 'a%' from items").tree.sql(dialect="duckdb")
    assert "NOT LIKE_ESCAPE" in from_not_like
