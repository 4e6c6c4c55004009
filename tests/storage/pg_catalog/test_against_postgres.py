"""The same schema in a real PostgreSQL: names, order and key columns agree.

The oracle is newer than the 15 that we speak: columns that came since are left out, those that went are
listed. The headers come from PostgreSQL 15 itself (headers/headers.sql).
"""

from __future__ import annotations

import psycopg
import pytest

from sqlvec.storage.pg_catalog import SYSTEM_TABLES, to_arrow
from tests.storage.pg_catalog import shop_catalog as shop
from tests.storage.pg_catalog.shop_catalog import CONTEXT

pytestmark = pytest.mark.oracle

REMOVED = {
    "pg_attribute": {"attcacheoff"},
    "pg_collation": {"colliculocale"},
    "pg_database": {"daticulocale"},
    "pg_stat_progress_vacuum": {"max_dead_tuples", "num_dead_tuples"},
    "element_types": {"domain_default"},
}
MOVED = {"pg_attribute", "pg_statistic_ext"}  # columns that may be null went behind the others
CHANGED = {"date_trunc", "jsonb_strip_nulls"}  # functions whose volatility is another since 16 or 18
_VECTOR = {"vector", "_vector"}
_TYPES = """
oid typname typlen typbyval typtype typcategory typispreferred typisdefined typdelim typrelid
typsubscript typelem typarray typinput typoutput typreceive typsend typmodin typmodout typanalyze
typalign typstorage typnotnull typbasetype typtypmod typndims typcollation
"""
_FUNCTIONS = """
oid proname prorettype prokind provolatile proisstrict proretset pronargs
"""
_ATTRIBUTES = """
attnum attname attlen attndims atttypmod attbyval attalign attstorage attnotnull atthasdef
attidentity attgenerated attisdropped attislocal attcollation
"""
_RELATIONS = """
relname relkind relhasindex relpersistence relnatts relchecks relhasrules relhastriggers
relrowsecurity relispopulated relreplident relispartition relam
"""


def ours(name: str, *columns: str, schema: str = "pg_catalog") -> list[tuple]:
    arrow = to_arrow(SYSTEM_TABLES[schema, name], CONTEXT).select(columns)
    return [tuple(row.values()) for row in arrow.to_pylist()]


def theirs(postgres: psycopg.Connection, sql: str) -> list[tuple]:
    return postgres.execute(sql).fetchall()


def by_first(rows: list[tuple]) -> dict:
    return {row[0]: row[1:] for row in rows}


def test_columns_are_in_order(postgres):
    found: dict[tuple[str, str], list[str]] = {}
    for schema, name, column in theirs(
        postgres,
        "SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0"
        " WHERE n.nspname IN ('pg_catalog', 'information_schema') ORDER BY attnum",
    ):
        found.setdefault((schema, name), []).append(column)
    for (schema, name), table in SYSTEM_TABLES.items():
        real = found[schema, name]
        columns = [column.name for column in table.columns if column.name not in REMOVED.get(name, ())]
        kept = [column for column in real if column in columns]
        if name in MOVED:
            assert sorted(kept) == sorted(columns), name
        else:
            assert kept == columns, name


@pytest.mark.parametrize("name", ["pg_class", "pg_type", "pg_proc", "pg_index", "pg_constraint", "pg_authid"])
def test_catalogs_have_their_oids(postgres, name):
    ((oid,),) = theirs(postgres, f"SELECT 'pg_catalog.{name}'::regclass::oid::int8")
    assert SYSTEM_TABLES["pg_catalog", name].oid == oid


def test_types_agree(postgres):
    columns = _TYPES.split()
    numbers = {"oid", "typrelid", "typelem", "typarray", "typbasetype", "typcollation"}
    selected = ", ".join(
        f"{c}::int8" if c in numbers else f"{c}::text" if c.startswith("typ") else c for c in columns
    )
    real = by_first(theirs(postgres, f"SELECT {selected} FROM pg_type WHERE oid < 16384"))
    for oid, *values in ours("pg_type", *columns):
        if values[0] not in _VECTOR:
            shown = [str(value).lower() if isinstance(value, bool) else value for value in values]
            expected = [int(v) if isinstance(o, int) else v for v, o in zip(real[oid], shown, strict=True)]
            assert shown == expected, values[0]


def test_functions_agree(postgres):
    columns = _FUNCTIONS.split()
    selected = (
        "oid::int8, proname::text, prorettype::int8, prokind::text, provolatile::text, proisstrict, proretset"
    )
    real = by_first(theirs(postgres, f"SELECT {selected}, pronargs FROM pg_proc WHERE oid < 16384"))
    changed = [
        row[1]
        for row in ours("pg_proc", *columns, "pronamespace")
        if row[-1] == 11 and real.get(row[0]) != row[1:-1]
    ]
    assert set(changed) == CHANGED


def test_operator_classes_agree(postgres):
    columns = ["opcname", "opcmethod", "opcfamily", "opcintype", "opcdefault", "opckeytype"]
    selected = "opcname::text, opcmethod::int8, opcintype::int8, opcdefault, opckeytype::int8"
    real = set(theirs(postgres, f"SELECT {selected} FROM pg_opclass WHERE opcnamespace = 11"))
    mine = {
        (row[0], row[1], *row[3:6]) for row in ours("pg_opclass", *columns, "opcnamespace") if row[6] == 11
    }
    assert mine <= real


@pytest.mark.parametrize(
    "table", [shop.ITEMS_TABLE, shop.REVIEWS_TABLE, shop.ORDERS_TABLE], ids=lambda t: t.name
)
def test_attributes_agree(postgres, table):
    columns = _ATTRIBUTES.split()
    selected = ", ".join(f"{c}::int8" if c == "attcollation" else c for c in columns)
    real = theirs(
        postgres,
        f"SELECT {selected} FROM pg_attribute"
        f" WHERE attrelid = '{table.schema}.{table.name}'::regclass AND attnum > 0 ORDER BY 1",
    )
    mine = [row[1:] for row in ours("pg_attribute", "attrelid", *columns) if row[0] == table.oid]
    assert mine == real


def test_relations_agree(postgres):
    columns = _RELATIONS.split()
    selected = ", ".join(
        f"(SELECT amname FROM pg_am WHERE oid = {c})" if c == "relam" else c for c in columns
    )
    real = theirs(
        postgres,
        f"SELECT {selected} FROM pg_class"
        " WHERE relnamespace IN ('public'::regnamespace, 'shop'::regnamespace)",
    )
    methods = dict(ours("pg_am", "oid", "amname"))
    mine = [
        (*row[1:-1], methods.get(row[-1]))
        for row in ours("pg_class", "relnamespace", *columns)
        if row[0] in (2200, shop.SHOP)
    ]
    assert sorted(mine) == sorted(real)


def test_index_rows_agree(postgres):
    columns = [
        "indnatts",
        "indnkeyatts",
        "indisunique",
        "indisprimary",
        "indimmediate",
        "indkey",
        "indoption",
    ]
    real = by_first(
        theirs(
            postgres,
            "SELECT c.relname, indnatts, indnkeyatts, indisunique, indisprimary, indimmediate, indkey::text,"
            " indoption::text FROM pg_index i JOIN pg_class c ON c.oid = indexrelid WHERE c.oid >= 16384"
            " AND c.relnamespace <> 99",
        )
    )
    names = dict(ours("pg_class", "oid", "relname"))
    for oid, *values in ours("pg_index", "indexrelid", *columns):
        shown = [" ".join(map(str, v)) if isinstance(v, list) else v for v in values]
        assert (names[oid], *shown) == (names[oid], *real[names[oid]])


def test_constraints_agree(postgres):
    columns = [
        "conname", "contype", "condeferrable", "condeferred", "convalidated", "confupdtype", "confdeltype",
        "confmatchtype", "connoinherit", "conkey", "confkey", "confdelsetcols",
    ]  # fmt: skip
    real = theirs(
        postgres,
        f"SELECT {', '.join(columns)} FROM pg_constraint"
        " WHERE contype IN ('p', 'u', 'c', 'f') AND conrelid >= 16384",
    )
    assert sorted(ours("pg_constraint", *columns), key=str) == sorted(real, key=str)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("referential_constraints", ["constraint_name", "unique_constraint_name", "match_option",
                                     "update_rule", "delete_rule"]),
        ("key_column_usage", ["constraint_name", "table_name", "column_name", "ordinal_position",
                              "position_in_unique_constraint"]),
        ("constraint_column_usage", ["constraint_schema", "constraint_name", "table_schema", "table_name",
                                     "column_name"]),
        ("constraint_table_usage", ["constraint_schema", "constraint_name", "table_schema", "table_name"]),
        ("table_constraints", ["constraint_name", "table_name", "constraint_type", "is_deferrable",
                               "initially_deferred", "nulls_distinct"]),
    ],
)  # fmt: skip
def test_information_schema_agrees_on_keys(postgres, name: str, columns: list[str]):
    real = theirs(
        postgres,
        f"SELECT {', '.join(columns)} FROM information_schema.{name}"
        " WHERE constraint_schema IN ('public', 'shop') AND constraint_name NOT LIKE '%not_null'",
    )
    mine = [row for row in ours(name, *columns, schema="information_schema") if "not_null" not in str(row)]
    assert sorted(mine, key=str) == sorted(real, key=str)


INFORMATION = ("tables", "columns", "key_column_usage", "constraint_column_usage", "sequences", "schemata")


@pytest.mark.parametrize("name", INFORMATION)
def test_information_schema_agrees(postgres, name):
    columns = [column.name for column in SYSTEM_TABLES["information_schema", name].columns]
    shown = [column for column in columns if not column.endswith("_catalog") and column != "catalog_name"]
    real = theirs(postgres, f"SELECT {', '.join(shown)} FROM information_schema.{name}")
    mine = ours(name, *shown, schema="information_schema")
    assert sorted(filter(_is_comparable, mine), key=str) == sorted(filter(_is_comparable, real), key=str)


def _is_comparable(row: tuple) -> bool:
    """Of the clients' schemas; our views are not updatable, and 18 has NOT NULL among the constraints."""
    is_not_null = isinstance(row[-1], str) and row[-1].endswith("_not_null")
    return row[0] in ("public", "shop") and "cheap_items" not in row and not is_not_null
