"""LiteralCatalog: a catalog written down in full, for the planner's tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlvec.core.schema import Column, Table, UniqueConstraint
from sqlvec.core.settings.session import SessionSettings
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import type_by_name
from sqlvec.planner.catalog import Relation


def column(number: int, name: str, type_name: str, typmod: int = -1) -> Column:
    kind = type_by_name(type_name)
    assert isinstance(kind, PgType), type_name
    return Column(name, kind, typmod, number)


ITEMS = Table(
    20000,
    "public",
    "items",
    (
        column(1, "id", "int8"),
        column(2, "name", "text"),
        column(3, "n", "int4"),
        column(4, "tags", "_text"),
        column(5, "meta", "jsonb"),
        column(6, "embedding", "vector", 3),
        column(7, "at", "timestamptz"),
        column(8, "price", "numeric"),
    ),
    uniques=(UniqueConstraint(20002, "items_pkey", ("id",), 20003, is_primary=True),),
)
AUTHORS = Table(20001, "public", "authors", (column(1, "id", "int8"), column(2, "name", "text")))


@dataclass
class LiteralCatalog:
    """Two tables in `public`: `items` with a primary key and a vector, `authors`."""

    tables: tuple[Table, ...] = (ITEMS, AUTHORS)
    database: str = "database"
    user: str = "user"
    session_user: str = "user"
    settings: SessionSettings = field(default_factory=SessionSettings)
    search_path: tuple[str, ...] = ("pg_catalog", "public")

    def relation(self, schema: str | None, name: str) -> Relation | None:
        return next((t for t in self.tables if t.name == name and schema in (None, t.schema)), None)

    def inside(self, search_path: tuple[str, ...]) -> LiteralCatalog:
        return self

    def has_schema(self, name: str) -> bool:
        return name == "public"

    def relation_by_oid(self, oid: int) -> Relation | None:
        return next((table for table in self.tables if table.oid == oid), None)

    def index_oid(self, schema: str | None, name: str) -> int | None:
        return None
