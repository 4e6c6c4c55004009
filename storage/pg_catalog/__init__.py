"""SYSTEM_TABLES: the relations of pg_catalog and information_schema, as Arrow tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .context import POSTGRES, BuildProgress, CatalogContext, Role, SessionActivity
from .definitions import constraint_definition, index_column_definition, index_definition, view_definition
from .headers import HEADERS
from .relation import SystemTable, no_rows, to_arrow
from .relations import FIXED, ROWS

__all__ = [
    "POSTGRES",
    "SYSTEM_TABLES",
    "BuildProgress",
    "CatalogContext",
    "Role",
    "SessionActivity",
    "SystemTable",
    "constraint_definition",
    "index_column_definition",
    "index_definition",
    "lookup",
    "to_arrow",
    "view_definition",
]

SYSTEM_TABLES: Mapping[tuple[str, str], SystemTable] = MappingProxyType(
    {
        name: SystemTable(header, ROWS.get(name, no_rows), FIXED.get(name, no_rows))
        for name, header in HEADERS.items()
    }
)


def lookup(schema: str | None, name: str) -> SystemTable | None:
    """The relation of a name; no schema is pg_catalog, which every search path includes."""
    return SYSTEM_TABLES.get((schema or "pg_catalog", name))
