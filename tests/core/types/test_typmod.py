"""Type modifiers: packed and spelled as PostgreSQL does; values taken from a real server."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.types.registry import type_by_name
from sqlvec.core.types.typmod import format_type, make_typmod


@pytest.mark.parametrize(("name", "modifiers", "typmod", "spelling", "duckdb"), [
    ("varchar", (40,), 44, "character varying(40)", "VARCHAR"),
    ("bpchar", (3,), 7, "character(3)", "VARCHAR"),
    ("bpchar", (), -1, "bpchar", "VARCHAR"),
    ("numeric", (10, 2), 655366, "numeric(10,2)", "DECIMAL(10,2)"),
    ("numeric", (10,), 655364, "numeric(10,0)", "DECIMAL(10,0)"),
    ("vector", (3,), 3, "vector(3)", "FLOAT[3]"),
    ("timestamptz", (3,), 3, "timestamp(3) with time zone", "TIMESTAMP WITH TIME ZONE"),
    ("time", (7,), 6, "time(6) without time zone", "TIME"),
    ("interval", (3,), 2147418115, "interval(3)", "INTERVAL"),
    ("_varchar", (5,), 9, "character varying(5)[]", "VARCHAR[]"),
    ("_vector", (3,), 3, "vector(3)[]", "FLOAT[3][]"),
    ("_int4", (), -1, "integer[]", "INTEGER[]"),
    ("int2vector", (), -1, "int2vector", "SMALLINT[]"),
])  # fmt: skip
def test_modifiers_pack_and_spell_as_in_postgres(name, modifiers, typmod, spelling, duckdb):
    kind = type_by_name(name)
    assert make_typmod(kind, modifiers) == typmod
    assert format_type(kind, typmod) == spelling
    assert kind.duckdb_name(typmod) == duckdb


@pytest.mark.parametrize(("name", "modifiers", "sqlstate", "message"), [
    ("varchar", (0,), "22023", "length for type varchar must be at least 1"),
    ("bpchar", (0,), "22023", "length for type char must be at least 1"),
    ("varchar", (20000000,), "22023", "length for type varchar cannot exceed 10485760"),
    ("numeric", (0,), "22023", "NUMERIC precision 0 must be between 1 and 1000"),
    ("numeric", (1001,), "22023", "NUMERIC precision 1001 must be between 1 and 1000"),
    ("numeric", (10, 2000), "22023", "NUMERIC scale 2000 must be between -1000 and 1000"),
    ("numeric", (1, 2, 3), "22023", "invalid NUMERIC type modifier"),
    ("numeric", (39, 2), "0A000", "numeric precision 39 is not supported, the highest is 38"),
    ("vector", (0,), "22023", "dimensions for type vector must be at least 1"),
    ("vector", (16001,), "22023", "dimensions for type vector cannot exceed 16000"),
    ("vector", (1, 2), "22023", "invalid type modifier"),
    ("int4", (3,), "42601", 'type modifier is not allowed for type "int4"'),
])  # fmt: skip
def test_wrong_modifiers_are_refused_in_the_words_of_postgres(name, modifiers, sqlstate, message):
    with pytest.raises(SqlError) as caught:
        make_typmod(type_by_name(name), modifiers)
    assert (caught.value.sqlstate, caught.value.message) == (sqlstate, message)
