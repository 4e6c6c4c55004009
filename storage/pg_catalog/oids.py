"""OIDs that are the same in every database: PostgreSQL's own, pgvector's, and those computed from names."""

from __future__ import annotations

import zlib

# Catalogs, as pg_depend.classid and pg_description.classoid name them.
PG_TYPE = 1247
PG_CLASS = 1259
PG_ATTRDEF = 2604
PG_CONSTRAINT = 2606
PG_EXTENSION = 3079

PG_CATALOG = 11
PUBLIC = 2200
INFORMATION_SCHEMA = 13207  # as initdb of PostgreSQL 15 gives it

OWNER = 10  # the role that initdb makes; it owns everything
DATABASE_OWNER = 6171  # pg_database_owner, who owns public
DEFAULT_TABLESPACE = 1663
GLOBAL_TABLESPACE = 1664

DEFAULT_COLLATION = 100
C_COLLATION = 950

INTERNAL_LANGUAGE = 12
C_LANGUAGE = 13

PLPGSQL_EXTENSION = 13559
VECTOR_EXTENSION = 16385  # pgvector's OIDs are below storage.catalog.FIRST_USER_OID where they name a type

_DATABASES = {"template1": 1, "template0": 4, "postgres": 5}
_COMPUTED = 2**30  # computed OIDs are above those of the counter
_DEFAULTS = 2**31
_MAX_COLUMNS = 2048  # more than PostgreSQL's MaxHeapAttributeNumber, 1600


def database_oid(name: str) -> int:
    """The OID of a database, from its name, since only the name is kept."""
    return _DATABASES.get(name) or _COMPUTED + zlib.crc32(name.encode()) % _COMPUTED


def default_oid(table_oid: int, number: int) -> int:
    """The OID of a column's default: pg_attrdef has rows of their own, our schema has not."""
    return _DEFAULTS + table_oid * _MAX_COLUMNS % _DEFAULTS + number


def not_null_name(schema_oid: int, table_oid: int, number: int) -> str:
    """What information_schema calls the NOT NULL of a column."""
    return f"{schema_oid}_{table_oid}_{number}_not_null"
