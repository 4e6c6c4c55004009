"""Definitions that a real PostgreSQL prints of the same schema."""

from __future__ import annotations

import psycopg
import pytest

from sqlvec.core.schema import Table
from sqlvec.storage.pg_catalog import constraint_definition, index_column_definition, index_definition
from sqlvec.storage.pg_catalog.relations.pg_attrdef import defaults
from sqlvec.storage.pg_catalog.table_index import indexes_of
from tests.storage.pg_catalog.shop_catalog import (
    CONTEXT,
    ITEMS,
    ITEMS_TABLE,
    LINES_TABLE,
    ORDERS,
    REVIEWS,
    REVIEWS_TABLE,
)

pytestmark = pytest.mark.oracle

TABLES = (ITEMS_TABLE, REVIEWS_TABLE, LINES_TABLE)


def by_name(postgres: psycopg.Connection, sql: str) -> dict[str, tuple]:
    return {row[0]: row[1:] for row in postgres.execute(sql)}


@pytest.mark.parametrize("table", TABLES[:2], ids=lambda table: table.name)
def test_index_definitions_agree(postgres, table: Table):
    real = by_name(
        postgres,
        "SELECT relname, pg_get_indexdef(oid), pg_get_indexdef(oid, 0, true), pg_get_indexdef(oid, 1, true)"
        " FROM pg_class WHERE relkind = 'i' AND oid >= 16384 AND relnamespace = 'public'::regnamespace",
    )
    for index in indexes_of(table):
        assert (
            index_definition(table, index.oid),
            index_definition(table, index.oid, is_pretty=True),
            index_column_definition(table, index.oid, 1),
        ) == real[index.name]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_constraint_definitions_agree(postgres, table: Table):
    real = by_name(
        postgres,
        "SELECT conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) FROM pg_constraint",
    )
    names = {ORDERS: "shop.orders", REVIEWS: "reviews", ITEMS: "items"}
    for constraint in (*table.keys, *table.checks):
        assert (
            constraint_definition(table, constraint.oid, name_of=names.__getitem__),
            constraint_definition(table, constraint.oid, is_pretty=True, name_of=names.__getitem__),
        ) == real[constraint.name]


def test_defaults_agree(postgres):
    real = postgres.execute(
        "SELECT c.relname, adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef"
        " JOIN pg_class c ON c.oid = adrelid"
    ).fetchall()
    mine = [(table.name, number, text) for table, number, _, text in defaults(CONTEXT)]
    assert sorted(mine) == sorted(real)
