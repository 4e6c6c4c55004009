"""pg_namespace: the schemas."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Schema

from ..acl_text import printed
from ..context import CatalogContext
from ..oids import INFORMATION_SCHEMA, OWNER, PG_CATALOG
from ..relation import Row

_SYSTEM = ((PG_CATALOG, "pg_catalog"), (INFORMATION_SCHEMA, "information_schema"))


def fixed(database: str) -> Iterator[Row]:
    for oid, name in _SYSTEM:
        acl = ["postgres=UC/postgres", "=U/postgres"]
        yield {"oid": oid, "nspname": name, "nspowner": OWNER, "nspacl": acl}


def rows(context: CatalogContext) -> Iterator[Row]:
    for schema in context.state.each(Schema):
        yield {
            "oid": schema.oid,
            "nspname": schema.name,
            "nspowner": schema.owner_role,
            "nspacl": printed(schema.acl, context),
        }
