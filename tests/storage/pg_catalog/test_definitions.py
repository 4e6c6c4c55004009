"""Definitions as pg_get_indexdef(), pg_get_constraintdef() and pg_get_expr() print them."""

from __future__ import annotations

import pytest

from sqlvec.core.schema import CheckConstraint, Column, Index, IndexColumn, Table, UniqueConstraint
from sqlvec.storage.catalog import EMPTY
from sqlvec.storage.pg_catalog import constraint_definition, index_column_definition, index_definition
from sqlvec.storage.pg_catalog.expressions import default_text, pretty, printed
from sqlvec.storage.pg_catalog.identifiers import quote_identifier, quote_literal
from tests.storage.pg_catalog import shop_catalog as shop
from tests.storage.pg_catalog.shop_catalog import kind


def definition_of(*keys: IndexColumn, method: str = "btree", **rest) -> str | None:
    columns = tuple(Column(name, kind(name), -1, place) for place, name in enumerate(("text", "vector"), 1))
    table = Table(1, "my shop", "Items", columns, indexes=(Index(2, "i", method, keys, **rest),))
    return index_definition(table, 2)


def test_a_vector_index_prints_operator_class_and_options():
    assert index_definition(shop.ITEMS_TABLE, shop.HNSW) == (
        "CREATE INDEX items_embedding_hnsw ON public.items USING hnsw (embedding vector_cosine_ops)"
        " WITH (m='16', ef_construction='64')"
    )


def test_the_default_operator_class_is_not_printed():
    assert index_definition(shop.ITEMS_TABLE, shop.IVF) == (
        "CREATE INDEX items_embedding_ivf ON public.items USING ivfflat (embedding) WITH (lists='1')"
    )


def test_the_index_of_a_primary_key_is_unique():
    assert index_definition(shop.ITEMS_TABLE, shop.PKEY_INDEX, is_pretty=True) == (
        "CREATE UNIQUE INDEX items_pkey ON items USING btree (id)"
    )


def test_names_are_quoted_where_they_must():
    assert definition_of(IndexColumn("text")) == 'CREATE INDEX i ON "my shop"."Items" USING btree (text)'
    assert quote_identifier("order") == '"order"'
    assert quote_identifier('a"b') == '"a""b"'
    assert quote_identifier("name") == "name"


@pytest.mark.parametrize(
    ("descending", "nulls_first", "shown"),
    [
        (False, None, ""),
        (False, False, ""),
        (False, True, " NULLS FIRST"),
        (True, None, " DESC"),
        (True, True, " DESC"),
        (True, False, " DESC NULLS LAST"),
    ],
)
def test_only_unusual_orders_of_nulls_are_printed(descending, nulls_first, shown):
    key = IndexColumn("text", descending=descending, nulls_first=nulls_first)
    assert (definition_of(key) or "").endswith(f"(text{shown})")


def test_an_unknown_index_has_no_definition():
    assert index_definition(shop.ITEMS_TABLE, 1) is None
    assert index_column_definition(shop.ITEMS_TABLE, 1, 1) is None
    assert constraint_definition(shop.ITEMS_TABLE, 1) is None


def test_columns_of_an_index_print_alone():
    oid = shop.ITEMS_TABLE.indexes[2].oid
    assert [index_column_definition(shop.ITEMS_TABLE, oid, n) for n in (1, 2, 3, 4)] == [
        "category",
        "price",
        "title",
        "",
    ]


def test_constraints_print_what_follows_their_name():
    assert constraint_definition(shop.ITEMS_TABLE, shop.PKEY) == "PRIMARY KEY (id)"
    assert constraint_definition(shop.REVIEWS_TABLE, shop.AUTHOR_KEY) == "UNIQUE (rating, author)"
    assert constraint_definition(shop.REVIEWS_TABLE, shop.CHECK) == "CHECK ((rating < 6))"
    assert constraint_definition(shop.REVIEWS_TABLE, shop.CHECK, is_pretty=True) == "CHECK (rating < 6)"


def test_a_check_of_a_boolean_has_one_pair_of_parentheses():
    table = Table(1, "public", "t", (), checks=(CheckConstraint(2, "c", "(flag)"),))
    assert constraint_definition(table, 2) == "CHECK (flag)"


def test_a_unique_index_is_no_constraint():
    unique = UniqueConstraint(2, "u", ("id",), 3, is_constraint=False)
    table = Table(1, "public", "t", (Column("id", kind("int4"), -1, 1),), (unique,))
    assert constraint_definition(table, 2) is None
    assert index_definition(table, 3) == "CREATE UNIQUE INDEX u ON public.t USING btree (id)"


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("a > 0", "(a > 0)"),
        ("(a > 0)", "(a > 0)"),
        ("(a) > (b)", "((a) > (b))"),
        ("lower(a)", "lower(a)"),
        ("lower(a) || upper(b)", "(lower(a) || upper(b))"),
        ("'(' || a", "('(' || a)"),
        ("'x'::text", "'x'::text"),
        ("42", "42"),
    ],
)
def test_operators_are_in_parentheses(text, full):
    assert printed(text) == full
    assert pretty(full) == pretty(text)


@pytest.mark.parametrize(
    ("type_name", "default", "shown"),
    [
        ("text", "'it''s'", "'it''s'::text"),
        ("varchar", "'x'", "'x'::character varying"),
        ("text[]", "'{}'", "'{}'::text[]"),
        ("bool", "TRUE", "true"),
        ("int4", "3", "3"),
        ("int4", "-3", "'-3'::integer"),
        ("int8", "- 3000000000", "'-3000000000'::bigint"),
        ("numeric", "-1.5", "'-1.5'::numeric"),
        ("date", "current_date", "CURRENT_DATE"),
        ("timestamptz", "now()", "now()"),
        ("int4", "1 + 2", "(1 + 2)"),
        ("text", "NULL", None),
        ("text", None, None),
    ],
)
def test_defaults_print_with_their_type(type_name, default, shown):
    assert default_text(Column("c", kind(type_name), default=default), EMPTY) == shown


def test_the_default_of_a_serial_follows_its_sequence():
    assert default_text(shop.ITEMS_TABLE.columns[0], shop.STATE) == "nextval('items_id_seq'::regclass)"
    assert default_text(shop.ORDERS_TABLE.columns[0], shop.STATE) == "nextval('shop.orders_id_seq'::regclass)"
    assert default_text(shop.REVIEWS_TABLE.columns[0], shop.STATE) is None


def test_backslashes_make_a_literal_extended():
    assert quote_literal("a\\b'c") == "E'a\\\\b''c'"
