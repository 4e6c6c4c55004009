"""Indexes, views, schemas, sequences, extensions; DROP, TRUNCATE and ALTER."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.planner import statements as st
from sqlvec.planner.parse import parse
from sqlvec.planner.statements import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    CreateExtension,
    CreateSchema,
    Drop,
    DropColumn,
    DropConstraint,
    Name,
    RenameColumn,
    RenameConstraint,
    RenameRelation,
    SequenceOptions,
    SetDefault,
    SetNotNull,
    SetRelationSchema,
    Truncate,
)


def only(sql: str):
    (parsed,) = parse(sql)
    return parsed.statement


def test_vector_index_with_its_options() -> None:
    index = only(
        "create index concurrently if not exists i on s.items using hnsw (embedding vector_l2_ops) "
        "with (m = 16, ef_construction=64) where price > 1"
    )
    assert (index.name, index.table.schema, index.method) == ("i", "s", "hnsw")
    assert (index.concurrently, index.if_not_exists, index.unique) == (True, True, False)
    (key,) = index.columns
    assert (key.column, key.opclass) == ("embedding", "vector_l2_ops")
    assert index.options == (("m", "16"), ("ef_construction", "64"))
    assert index.where.text == "price > 1"
    assert index.method_position == 60


def test_index_keys_are_columns_calls_or_expressions() -> None:
    index = only(
        "create unique index on t (a desc, lower(b) text_pattern_ops asc nulls first, (a + 1), s.f(a, 1), "
        "\"C d\" desc nulls last, (a -> 'x') public.jsonb_path_ops) include (c, d)"
    )
    assert (index.name, index.method, index.unique, index.include) == (None, "btree", True, ("c", "d"))
    a, lower, plus, call, quoted, json = index.columns
    assert (a.column, a.descending, a.nulls_first) == ("a", True, None)
    assert (lower.column, lower.expression.text, lower.opclass) == (None, "lower(b)", "text_pattern_ops")
    assert (lower.descending, lower.nulls_first) == (False, True)
    assert plus.expression.text == "a + 1"
    assert call.expression.text == "s.f(a, 1)"
    assert (quoted.column, quoted.nulls_first) == ("C d", False)
    assert json.opclass == "jsonb_path_ops"


def test_view_keeps_the_text_of_its_query() -> None:
    view = only("create or replace view s.v (x, y) as  select 1, 2 -- two\n ;")
    assert (view.name, view.columns, view.or_replace) == (Name("s", "v", 24), ("x", "y"), True)
    assert view.text == "select 1, 2"


def test_schemas_and_extensions() -> None:
    assert only("create schema if not exists s") == CreateSchema("s", True, 29)
    assert only('create extension "uuid-ossp"') == CreateExtension("uuid-ossp", False, 18)
    assert only("create extension if not exists vector with schema public cascade").if_not_exists


def test_sequence_with_every_option() -> None:
    sequence = only(
        "create sequence if not exists s as smallint increment by -1 minvalue -5 maxvalue 10 start with 3 "
        "cache 2 no cycle owned by a.t.c"
    )
    assert sequence.options == SequenceOptions("int2", 3, -1, -5, 10, 2, False)
    assert (sequence.owned_by[0].schema, sequence.owned_by[0].name, sequence.owned_by[1]) == ("a", "t", "c")
    with pytest.raises(SqlError, match="conflicting or redundant options"):
        only("create sequence s start 1 start 2")


@pytest.mark.parametrize(
    ("sql", "kind", "names", "flags"),
    [
        ("drop table t", "TABLE", ["t"], (False, False, False)),
        ("drop table if exists a, s.b cascade", "TABLE", ["a", "b"], (True, True, False)),
        ("drop index concurrently if exists i", "INDEX", ["i"], (True, False, True)),
        ("drop materialized view m restrict", "MATERIALIZED VIEW", ["m"], (False, False, False)),
        ("drop schema if exists s cascade", "SCHEMA", ["s"], (True, True, False)),
        ("drop extension vector", "EXTENSION", ["vector"], (False, False, False)),
        ("drop type x, y", "TYPE", ["x", "y"], (False, False, False)),
    ],
)
def test_drop(sql: str, kind: str, names: list[str], flags: tuple[bool, ...]) -> None:
    drop = only(sql)
    assert isinstance(drop, Drop)
    assert (drop.kind, [name.name for name in drop.names]) == (kind, names)
    assert (drop.if_exists, drop.cascade, drop.concurrently) == flags


def test_truncate() -> None:
    assert only("truncate t") == Truncate((Name(None, "t", 10),))
    truncate = only("truncate table only a, s.b * restart identity cascade")
    assert [name.name for name in truncate.names] == ["a", "b"]
    assert (truncate.restart_identity, truncate.cascade) == (True, True)


def test_alter_table_takes_a_list_of_actions() -> None:
    alter = only(
        "alter table if exists only s.t add column a int not null default 5, add if not exists b text, "
        "drop c, drop column if exists d cascade, alter e type bigint using e::bigint, "
        "alter column f set default 5 + 1, alter g drop default, alter h set not null, "
        "alter i drop not null, add constraint x check (a > 1) not valid, drop constraint if exists y cascade"
    )
    assert (alter.kind, alter.name.name, alter.if_exists) == ("TABLE", "t", True)
    assert [type(action) for action in alter.actions] == [
        AddColumn, AddColumn, DropColumn, DropColumn, AlterColumnType, SetDefault, SetDefault, SetNotNull,
        SetNotNull, AddConstraint, DropConstraint,
    ]  # fmt: skip
    add, add_if, drop, drop_if, type_, default, no_default, not_null, null, check, no_check = alter.actions
    assert (add.column.not_null, add.column.default.text, add.if_not_exists) == (True, "5", False)
    assert (add_if.column.name, add_if.if_not_exists) == ("b", True)
    assert (drop.name, drop.if_exists) == ("c", False)
    assert (drop_if.name, drop_if.if_exists, drop_if.cascade) == ("d", True, True)
    assert (type_.type.name, type_.using.text) == ("int8", "e::bigint")
    assert (default.default.text, no_default.default) == ("5 + 1", None)
    assert (not_null.not_null, null.not_null) == (True, False)
    assert (check.constraint.name, check.not_valid) == ("x", True)
    assert (no_check.name, no_check.if_exists, no_check.cascade) == ("y", True, True)


@pytest.mark.parametrize(
    ("sql", "kind", "action"),
    [
        ("alter table t rename to u", "TABLE", RenameRelation("u")),
        ("alter table t rename a to b", "TABLE", RenameColumn("a", "b", 22)),
        ("alter table t rename column a to b", "TABLE", RenameColumn("a", "b", 29)),
        ("alter table t rename constraint a to b", "TABLE", RenameConstraint("a", "b")),
        ("alter table t set schema s", "TABLE", SetRelationSchema("s")),
        ("alter index i rename to j", "INDEX", RenameRelation("j")),
        ("alter view v rename to w", "VIEW", RenameRelation("w")),
        ("alter sequence s set schema x", "SEQUENCE", SetRelationSchema("x")),
    ],
)
def test_renaming_stands_alone(sql: str, kind: str, action: object) -> None:
    alter = only(sql)
    assert (alter.kind, alter.actions) == (kind, (action,))


@pytest.mark.parametrize(
    "sql",
    [
        "alter table t enable trigger x",
        "alter table t set (fillfactor = 70)",
        "alter table t alter a set statistics 5",
        "alter table t attach partition u default",
        "alter index i set (m = 5)",
        "create index on t (a collate \"C\")",
        "create index on t (a) tablespace x",
        "create recursive view v (a) as select 1",
        "create view v as select 1 with check option",
        "create schema s create table t (a int)",
        "create extension vector version '0.5'",
        "create temp sequence s",
    ],
)  # fmt: skip
def test_what_is_not_done_is_named_and_not_ignored(sql: str) -> None:
    with pytest.raises(SqlError) as caught:
        only(sql)
    assert caught.value.sqlstate == "0A000"


def test_alter_sequence_takes_options_in_any_order() -> None:
    statement = parse("alter sequence s restart 5 increment by 2 no maxvalue owned by t.a")[0].statement
    assert isinstance(statement, st.Alter)
    options = st.SequenceOptions(increment=2, no_maximum=True)
    owner = (st.Name(None, "t", 64), "a")
    assert statement.actions == (st.AlterSequence(options, st.Restart(5), owner),)


def test_alter_column_changes_identities() -> None:
    identity = "alter a set generated by default set increment 2 restart"
    statement = parse(f"alter table t {identity}, alter b drop identity if exists")[0].statement
    assert isinstance(statement, st.Alter)
    sequence = st.AlterSequence(st.SequenceOptions(increment=2), st.Restart())
    assert statement.actions == (
        st.AlterIdentity("a", "BY DEFAULT", sequence),
        st.DropIdentity("b", if_exists=True),
    )


def test_like_stands_among_the_columns() -> None:
    statement = parse("create table t (a int, like u including all excluding indexes, b int)")[0].statement
    assert isinstance(statement, st.CreateTable)
    (like,) = statement.likes
    assert (like.table.name, like.index) == ("u", 1)
    assert "defaults" in like.including
    assert "indexes" not in like.including
