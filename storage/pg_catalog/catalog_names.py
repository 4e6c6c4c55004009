"""Names of a catalog's schemas and owners, where rows name what others refer to by OID."""

from __future__ import annotations

from sqlvec.core.schema import Schema

from .context import CatalogContext
from .oids import INFORMATION_SCHEMA, PG_CATALOG

OWNER_NAME = "postgres"


def schema_oids(context: CatalogContext) -> dict[str, int]:
    """Schema OIDs by name, the system's among them."""
    found = {"pg_catalog": PG_CATALOG, "information_schema": INFORMATION_SCHEMA}
    return found | {schema.name: schema.oid for schema in context.state.each(Schema)}
