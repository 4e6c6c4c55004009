"""Queries and changes of rows: the trees mean what PostgreSQL means."""

from __future__ import annotations

import logging

import pytest
from sqlglot import exp

from sqlvec.core.errors import SqlError
from sqlvec.planner.parse import parse
from sqlvec.planner.statements import CreateTableAs, Delete, Insert, Query, Update


def only(sql: str):
    (parsed,) = parse(sql)
    return parsed.statement


def expression(text: str) -> exp.Expression:
    return only(f"select {text}").tree.expressions[0]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("select", Query),
        ("select from t", Query),
        ("select distinct on (a, b) a from t order by a, b desc nulls last limit 5 offset 2", Query),
        ("(select 1) union all (values (2)) order by 1", Query),
        ("values (1, 'a'), (2, 'b')", Query),
        ("table s.t", Query),
        ("with recursive x(n) as (select 1 union select n + 1 from x) select * from x", Query),
        ("with d as (delete from t returning *) select * from d", Query),
        ("select * from a join b using (x) left join lateral (select 1) c on true, d", Query),
        ("select * from t for no key update of t skip locked", Query),
        ("select sum(a) over w from t window w as (partition by b order by c)", Query),
        ("select a from t group by grouping sets ((a), ()) having count(*) filter (where a > 1) > 1", Query),
        ("select * from f(1) with ordinality as x(a, b)", Query),
        ("select * from t tablesample system (10) repeatable (5)", Query),
        ("insert into t values (1)", Insert),
        ("insert into t default values", Insert),
        (
            "insert into t as x (a) select 1 on conflict (a) where a > 1 do update set a = 2 returning *",
            Insert,
        ),
        ("with x as (select 1) insert into t select * from x", Insert),
        ("update only t set a = 1, (b, c) = (select 1, 2) from u where t.a = u.a returning t.*", Update),
        ("update t set a = default", Update),
        ("delete from only t using u where t.a = u.a returning a as b", Delete),
    ],
)
def test_statement_is_of_its_kind(sql: str, kind: type) -> None:
    assert type(only(sql)) is kind


def test_select_into_creates_a_table() -> None:
    statement = only("select 1 as a into temp s.x from t")
    assert isinstance(statement, CreateTableAs)
    assert (statement.name.schema, statement.name.name, statement.temporary) == ("s", "x", True)
    assert statement.name.position == 25
    assert statement.query.tree.sql() == "SELECT 1 AS a FROM t"


def test_overriding_is_kept() -> None:
    assert only("insert into t (a) overriding system value values (1)").overriding == "SYSTEM"
    assert only("insert into t values (1)").overriding is None


@pytest.mark.parametrize("operator", ["<->", "<#>", "<=>", "<+>", "<~>", "<%>", "<<->>", "@#@"])
def test_operators_sqlglot_does_not_know_bind_between_plus_and_less(operator: str) -> None:
    tree = expression(f"a {operator} b + c < d")
    assert isinstance(tree, exp.LT)
    assert isinstance(tree.this, exp.Operator)
    assert tree.this.args["operator"] == operator
    assert isinstance(tree.this.expression, exp.Add)


def test_unknown_operators_are_left_associative() -> None:
    tree = expression("a <-> b <=> c")
    assert (tree.args["operator"], tree.this.args["operator"]) == ("<=>", "<->")


def test_schema_of_an_operator_is_kept() -> None:
    assert expression("a operator(pg_catalog.~) b").args["operator"] == "pg_catalog.~"
    assert expression("a operator(pg_catalog.<->) b").args["operator"] == "pg_catalog.<->"


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("a !~ 'x'", exp.Not),
        ("a ~* 'x'", exp.RegexpILike),
        ("a ~~* 'x'", exp.ILike),
        ("a <<  2", exp.BitwiseLeftShift),
        ("a ^ 2", exp.Pow),
        ("a -> 'b'", exp.JSONExtract),
        ("a is not distinct from b", exp.NullSafeEQ),
        ("interval '1 year 2 days'", exp.Cast),
        ("halfvec '[1]'", exp.Cast),
        ("date '2020-01-01'", exp.Cast),
        ("$1", exp.Parameter),
    ],
)
def test_expression_is_of_its_kind(sql: str, kind: type) -> None:
    assert isinstance(expression(sql), kind)


@pytest.mark.parametrize("sql", ["f(a -> 'b')", "f(c, (a) -> 'b')", 'f("A" -> $1)'])
def test_arrow_in_an_argument_is_no_lambda(sql: str) -> None:
    tree = expression(sql)
    assert tree.find(exp.JSONExtract)
    assert not tree.find(exp.Lambda)


def test_arrays_of_object_identifiers_are_read() -> None:
    target = expression("a::regtype[]").args["to"]
    assert target.this == exp.DataType.Type.ARRAY


@pytest.mark.parametrize(
    "name",
    """
    semi anti asof qualify pivot unpivot top settings apply kill use percent xor glob rlike regexp format file
    list map object number blob string div describe exec schema index key type value date time name text
    """.split(),  # noqa: SIM905
)
def test_words_of_other_databases_are_names(name: str) -> None:
    tree = only(f"select {name}, t.{name} as {name} from t {name}").tree
    assert [column.name for column in tree.find_all(exp.Column)] == [name, name]
    assert tree.args["from_"].this.alias == name


def test_reserved_words_are_names_behind_a_dot_and_as() -> None:
    tree = only('select t.select, t.user, 1 as order, 2 as "From" from t').tree
    assert tree.named_selects == ["select", "user", "order", "From"]


def test_names_are_folded_and_know_their_place() -> None:
    tree = only('select FooBar, "FooBar" from S.Tab').tree
    first, second = tree.expressions
    assert (first.name, second.name) == ("foobar", "FooBar")
    assert first.this.meta["start"] == 7
    table = tree.args["from_"].this
    assert (table.db, table.name) == ("s", "tab")


def test_sqlglot_says_nothing_on_our_behalf_and_all_on_others(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="sqlglot"):
        only("select json_value(a, 'x[')")
        assert caplog.records == []
        logging.getLogger("sqlglot").warning("theirs")
        assert [record.message for record in caplog.records] == ["theirs"]


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("interval '1 year 2 mons'", "1 year 2 mons"),
        ("interval '1' hour", "1 hour"),
        ("interval '-1.5' day", "-1.5 day"),
        ("interval '1-2' year to month", "1-2"),
        ("interval(3) '1.2345 s'", "1.2345 s"),
    ],
)
def test_interval_is_a_cast_of_its_text(sql: str, text: str) -> None:
    tree = expression(sql)
    assert isinstance(tree, exp.Cast)
    assert tree.this.this == text


@pytest.mark.parametrize("sql", ["interval '1 2' day to hour", "interval '1 day' hour", "a::interval day"])
def test_fields_that_cut_an_interval_are_refused(sql: str) -> None:
    with pytest.raises(SqlError, match="INTERVAL with such fields is not supported"):
        expression(sql)


@pytest.mark.parametrize("sql", ["repeat('a')", "upper('a', 'b')", "array_agg()", "f(sum(1, 2))"])
def test_known_function_with_other_arguments_is_left_to_the_binder(sql: str) -> None:
    assert expression(sql).find(exp.Anonymous)
