"""Rows of single relations over the literal catalog: what clients join on."""

from __future__ import annotations

from sqlvec.storage.pg_catalog import SYSTEM_TABLES, to_arrow
from sqlvec.storage.pg_catalog.oids import database_oid
from tests.storage.pg_catalog import shop_catalog as shop
from tests.storage.pg_catalog.shop_catalog import CONTEXT


def rows(name: str, schema: str = "pg_catalog", /, context=CONTEXT, **where) -> list[dict]:
    found = to_arrow(SYSTEM_TABLES[schema, name], context).to_pylist()
    return [row for row in found if all(row[key] == value for key, value in where.items())]


def row(name: str, schema: str = "pg_catalog", /, **where) -> dict:
    (found,) = rows(name, schema, **where)
    return found


def test_a_table_counts_its_visible_columns_and_rows():
    items = row("pg_class", oid=shop.ITEMS)
    assert (items["relnatts"], items["relkind"], items["reltuples"], items["relpages"]) == (8, "r", 60.0, 3)
    assert row("pg_class", oid=shop.REVIEWS)["reltuples"] == -1.0  # never analyzed


def test_an_index_that_is_being_built_is_not_valid():
    assert not row("pg_index", indexrelid=shop.HNSW)["indisvalid"]
    assert row("pg_index", indexrelid=shop.IVF)["indisvalid"]


def test_progress_tells_rows_done():
    build = row("pg_stat_progress_create_index")
    assert (build["index_relid"], build["tuples_done"], build["tuples_total"]) == (shop.HNSW, 10, 60)
    assert build["phase"] == "building index: loading tuples"


def test_an_index_keeps_its_options_and_operator_class():
    assert row("pg_class", oid=shop.HNSW)["reloptions"] == ["m=16", "ef_construction=64"]
    (class_oid,) = row("pg_index", indexrelid=shop.HNSW)["indclass"]
    assert row("pg_opclass", oid=class_oid)["opcname"] == "vector_cosine_ops"


def test_the_sequence_of_an_identity_column_is_internal():
    owned = {
        r["objid"]: (r["refobjid"], r["refobjsubid"], r["deptype"])
        for r in rows("pg_depend", classid=1259, refclassid=1259)
        if r["deptype"] in "ai"
    }
    assert owned[shop.ITEMS_SEQUENCE] == (shop.ITEMS, 1, "a")
    assert owned[shop.REVIEWS_SEQUENCE] == (shop.REVIEWS, 1, "i")


def test_a_sequence_that_was_not_used_has_no_last_value():
    values = {r["sequencename"]: r["last_value"] for r in rows("pg_sequences")}
    assert values["items_id_seq"] == 60
    assert values["ticket_seq"] is None


def test_settings_are_in_base_units():
    memory = row("pg_settings", name="work_mem")
    assert (memory["setting"], memory["unit"], memory["boot_val"], memory["source"]) == (
        "8192",
        "kB",
        "4096",
        "session",
    )
    assert row("pg_settings", name="application_name")["source"] == "client"


def test_statistics_print_as_arrays():
    category = row("pg_stats", tablename="items", attname="category")
    assert category["most_common_vals"] == '{toys,"a,b"}'
    assert category["histogram_bounds"] == "{books,toys}"
    assert [round(fraction, 1) for fraction in category["most_common_freqs"]] == [0.4, 0.3]


def test_sessions_are_listed_with_their_database():
    session = row("pg_stat_activity")
    assert (session["pid"], session["datid"], session["client_addr"]) == (
        4711,
        database_oid("demo"),
        "127.0.0.1",
    )


def test_a_database_keeps_its_oid():
    assert database_oid("demo") == database_oid("demo") != database_oid("other")
    assert row("pg_database", datname="postgres")["oid"] == 5
    assert not row("pg_database", datname="template0")["datallowconn"]


def test_roles_come_from_the_catalog():
    assert {r["rolname"] for r in rows("pg_roles") if not r["rolname"].startswith("pg_")} == {
        "postgres",
        "reader",
    }
    assert {r["usename"] for r in rows("pg_user")} == {"postgres"}


def test_the_extension_is_described():
    vector = row("pg_extension", extname="vector")
    assert vector["extversion"] == "0.8.6"
    comment = row("pg_description", objoid=vector["oid"], classoid=3079)
    assert comment["description"] == "vector data type and ivfflat and hnsw access methods"


def test_a_type_and_its_array_know_each_other():
    vector = row("pg_type", typname="vector")
    assert row("pg_type", oid=vector["typarray"])["typelem"] == vector["oid"]
    assert vector["typnamespace"] == 2200


def test_every_function_has_known_types():
    types = {r["oid"] for r in rows("pg_type")}
    for function in rows("pg_proc"):
        assert {function["prorettype"], *function["proargtypes"]} <= types, function["proname"]


def test_a_view_ends_with_a_semicolon():
    assert row("pg_views", viewname="cheap_items")["definition"].endswith("< 10;")
    assert rows("pg_rewrite", ev_class=shop.CHEAP)


def test_not_nulls_are_checks_of_information_schema():
    names = {
        r["constraint_name"] for r in rows("table_constraints", "information_schema", table_name="items")
    }
    assert names == {"items_pkey", "2200_16728_1_not_null", "2200_16728_2_not_null"}
    clauses = {r["check_clause"] for r in rows("check_constraints", "information_schema")}
    assert "((rating < 6))" in clauses
    assert "id IS NOT NULL" in clauses
