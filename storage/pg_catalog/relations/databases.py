"""Databases: pg_database and the tablespaces they are in."""

from __future__ import annotations

from collections.abc import Iterator

from ..acl_text import printed
from ..context import CatalogContext
from ..oids import DEFAULT_TABLESPACE, GLOBAL_TABLESPACE, OWNER, database_oid
from ..relation import Row

_UTF8 = 6  # pg_char_to_encoding('UTF8')


def databases(context: CatalogContext) -> Iterator[Row]:
    for name in context.databases:
        yield {
            "oid": database_oid(name),
            "datname": name,
            "datdba": context.state.roster.database.owner_role,
            "datacl": printed(context.state.roster.database.acl, context),
            "encoding": _UTF8,
            "datlocprovider": "c",
            "datistemplate": name in ("template0", "template1"),
            "datallowconn": name != "template0",
            "datconnlimit": -1,
            "datfrozenxid": 3,
            "datminmxid": 1,
            "dattablespace": DEFAULT_TABLESPACE,
            "datcollate": context.settings.get("lc_collate"),
            "datctype": context.settings.get("lc_ctype"),
        }


def tablespaces(database: str) -> Iterator[Row]:
    yield {"oid": DEFAULT_TABLESPACE, "spcname": "pg_default", "spcowner": OWNER}
    yield {"oid": GLOBAL_TABLESPACE, "spcname": "pg_global", "spcowner": OWNER}
