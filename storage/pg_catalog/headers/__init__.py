"""HEADERS: every system relation that exists, by schema and name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..header import Header, parse_headers
from .grants import GRANTS
from .information_schema import INFORMATION_SCHEMA
from .statistics import STATISTICS
from .tables import TABLES
from .views import VIEWS

HEADERS: Mapping[tuple[str, str], Header] = MappingProxyType(
    {
        (header.schema, header.name): header
        for schema, text in (
            ("pg_catalog", TABLES),
            ("pg_catalog", VIEWS),
            ("pg_catalog", STATISTICS),
            ("information_schema", INFORMATION_SCHEMA),
            ("information_schema", GRANTS),
        )
        for header in parse_headers(schema, text)
    }
)
