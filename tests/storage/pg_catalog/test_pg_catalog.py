"""Every relation: it can be built, and its rows speak of columns that it has."""

from __future__ import annotations

import time

import pytest

from sqlvec.core.schema import Schema, Table
from sqlvec.storage.catalog import CatalogState
from sqlvec.storage.pg_catalog import SYSTEM_TABLES, CatalogContext, lookup, to_arrow
from sqlvec.storage.pg_catalog.headers import HEADERS
from sqlvec.storage.pg_catalog.relations import FIXED, ROWS
from tests.storage.pg_catalog.shop_catalog import CONTEXT, ITEMS_TABLE

NAMES = sorted(SYSTEM_TABLES)


@pytest.mark.parametrize("name", NAMES, ids=".".join)
def test_the_arrow_table_has_the_columns_and_their_carriers(name):
    table = SYSTEM_TABLES[name]
    arrow = to_arrow(table, CONTEXT)
    assert [(field.name, field.type) for field in arrow.schema] == [
        (column.name, column.type.arrow) for column in table.columns
    ]


@pytest.mark.parametrize("name", sorted(ROWS.keys() | FIXED.keys()), ids=".".join)
def test_rows_name_only_columns_of_the_relation(name):
    table = SYSTEM_TABLES[name]
    columns = {column.name for column in table.columns}
    rows = [*table.rows(CONTEXT), *table.fixed("demo")]
    assert rows
    assert not {key for row in rows for key in row} - columns


@pytest.mark.parametrize("name", NAMES, ids=".".join)
def test_columns_that_are_not_null_have_no_nulls(name):
    arrow = to_arrow(SYSTEM_TABLES[name], CONTEXT)
    required = [column.name for column in SYSTEM_TABLES[name].columns if column.not_null]
    assert {column: arrow[column].null_count for column in required} == dict.fromkeys(required, 0)


def test_every_row_source_belongs_to_a_relation():
    assert ROWS.keys() | FIXED.keys() <= HEADERS.keys()


def test_no_schema_is_pg_catalog():
    found = lookup(None, "pg_class")
    assert found is not None
    assert (found.schema, found.oid) == ("pg_catalog", 1259)
    assert lookup("information_schema", "columns") is not None
    assert lookup(None, "columns") is None
    assert lookup("public", "pg_class") is None


def test_the_hidden_row_id_is_nowhere():
    for name, table in SYSTEM_TABLES.items():
        assert "_sqlvec_rid" not in str(to_arrow(table, CONTEXT).to_pylist()), name


def test_oids_are_unique_in_each_catalog():
    for name, table in SYSTEM_TABLES.items():
        columns = [column.name for column in table.columns]
        if columns[0] == "oid":
            oids = to_arrow(table, CONTEXT)["oid"].to_pylist()
            assert len(oids) == len(set(oids)), name


def test_building_for_many_tables_is_quick():
    tables = [
        Table(20_000 + number, "public", f"t{number}", ITEMS_TABLE.columns, ()) for number in range(200)
    ]
    state = CatalogState.of([Schema(2200, "public"), *tables])
    context = CatalogContext(state, "demo", ("demo",), "postgres", CONTEXT.settings)
    table = SYSTEM_TABLES["pg_catalog", "pg_attribute"]
    to_arrow(table, context)  # builds the rows of the system relations, once
    start = time.perf_counter()
    assert to_arrow(table, context).num_rows > 1600
    assert time.perf_counter() - start < 0.2  # about 8 ms; the limit is for busy machines
