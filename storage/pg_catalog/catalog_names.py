"""Names of a catalog's schemas and owners, where rows name what others refer to by OID."""

from __future__ import annotations

from sqlvec.core.schema import Schema

from .context import CatalogContext
from .oids import DATABASE_OWNER, INFORMATION_SCHEMA, OWNER, PG_CATALOG, PUBLIC

OWNER_NAME = "postgres"
DATABASE_OWNER_NAME = "pg_database_owner"


def schema_oids(context: CatalogContext) -> dict[str, int]:
    """Schema OIDs by name, the system's among them."""
    found = {"pg_catalog": PG_CATALOG, "information_schema": INFORMATION_SCHEMA}
    return found | {schema.name: schema.oid for schema in context.state.each(Schema)}


def owner_of_schema(oid: int) -> int:
    """pg_namespace.nspowner: public belongs to whoever owns the database."""
    return DATABASE_OWNER if oid == PUBLIC else OWNER
