"""Extensions: pg_extension, those available, and their descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..access_methods import ACCESS_METHODS
from ..oids import OWNER, PG_CATALOG, PG_EXTENSION, PLPGSQL_EXTENSION, PUBLIC, VECTOR_EXTENSION
from ..relation import Row


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension, always installed: what it brings is part of sqlvec."""

    oid: int
    name: str
    version: str
    schema_oid: int
    schema: str
    comment: str


EXTENSIONS = (
    Extension(
        PLPGSQL_EXTENSION, "plpgsql", "1.0", PG_CATALOG, "pg_catalog", "PL/pgSQL procedural language"
    ),  # every PostgreSQL lists it, and pg_dump expects it
    Extension(
        VECTOR_EXTENSION, "vector", "0.8.6", PUBLIC, "public",
        "vector data type and ivfflat and hnsw access methods",
    ),
)  # fmt: skip
_PG_AM = 2601
_METHOD_COMMENTS = {
    "heap": "heap table access method",
    "btree": "b-tree index access method",
    "hash": "hash index access method",
    "gist": "GiST index access method",
    "gin": "GIN index access method",
    "spgist": "SP-GiST index access method",
    "brin": "block range index (BRIN) access method",
    "ivfflat": "ivfflat index access method",
    "hnsw": "hnsw index access method",
}


def installed(database: str) -> Iterator[Row]:
    for extension in EXTENSIONS:
        yield {
            "oid": extension.oid,
            "extname": extension.name,
            "extowner": OWNER,
            "extnamespace": extension.schema_oid,
            "extrelocatable": extension.name == "vector",
            "extversion": extension.version,
        }


def available(database: str) -> Iterator[Row]:
    for extension in EXTENSIONS:
        yield {
            "name": extension.name,
            "default_version": extension.version,
            "installed_version": extension.version,
            "comment": extension.comment,
        }


def versions(database: str) -> Iterator[Row]:
    for extension in EXTENSIONS:
        yield {
            "name": extension.name,
            "version": extension.version,
            "installed": True,
            "superuser": True,
            "trusted": True,
            "relocatable": extension.name == "vector",
            "schema": None if extension.name == "vector" else extension.schema,
            "comment": extension.comment,
        }


def descriptions(database: str) -> Iterator[Row]:
    r"""pg_description: \dx and \dA read it. Clients' own objects have no comments."""
    for extension in EXTENSIONS:
        yield {"objoid": extension.oid, "classoid": PG_EXTENSION, "description": extension.comment}
    for method in ACCESS_METHODS.values():
        yield {"objoid": method.oid, "classoid": _PG_AM, "description": _METHOD_COMMENTS[method.name]}
