"""pg_class: tables, indexes, views, sequences and the system relations."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Index, Sequence, Table, View

from ..access_methods import ACCESS_METHODS, HEAP
from ..acl_text import printed
from ..catalog_names import schema_oids
from ..context import CatalogContext
from ..definitions import index_options
from ..headers import HEADERS
from ..oids import GLOBAL_TABLESPACE, OWNER
from ..relation import Row
from ..table_index import attributes, indexes_of

_PAGE = 8192  # setting block_size
_NEVER_ANALYZED = -1.0
_SHARED = frozenset(
    {
        "pg_authid", "pg_auth_members", "pg_database", "pg_db_role_setting", "pg_parameter_acl",
        "pg_shdepend", "pg_shdescription", "pg_shseclabel", "pg_subscription", "pg_tablespace",
    }
)  # fmt: skip


def fixed(database: str) -> Iterator[Row]:
    for header in HEADERS.values():
        is_shared = header.name in _SHARED
        row = _relation(header.oid, header.name, header.schema_oid, header.kind, len(header.columns))
        row["relisshared"] = is_shared
        row["reltablespace"] = GLOBAL_TABLESPACE if is_shared else 0
        row["relhasrules"] = header.kind == "v"
        if header.kind == "r":
            row |= {"relam": HEAP, "reltuples": _NEVER_ANALYZED, "relfrozenxid": 3, "relminmxid": 1}
        yield row


def rows(context: CatalogContext) -> Iterator[Row]:
    schemas = schema_oids(context)
    for item in context.state.objects.values():
        match item:
            case Table():
                schema = schemas[item.schema]
                yield {**_table(item, schema, context), **_access(item, context)}
                for index in indexes_of(item):
                    yield {**_index(index, item, schema, context), "relowner": item.owner_role}
            case View():
                columns = len(item.columns)
                yield _relation(item.oid, item.name, schemas[item.schema], "v", columns) | {
                    "relhasrules": True,
                    "reloptions": [f"{name}={value}" for name, value in item.options] or None,
                    **_access(item, context),
                }
            case Sequence():
                row = _relation(item.oid, item.name, schemas[item.schema], "S", 3)
                yield (
                    row | {"relfilenode": item.oid, "relpages": 1, "reltuples": 1.0} | _access(item, context)
                )


def _access(item: Table | View | Sequence, context: CatalogContext) -> dict[str, object]:
    """Whose it is, and who may do what with it."""
    found: dict[str, object] = {"relowner": item.owner_role, "relacl": printed(item.acl, context)}
    if isinstance(item, Table):
        found |= {"relrowsecurity": item.row_security, "relforcerowsecurity": item.force_row_security}
    return found


def _relation(oid: int, name: str, schema: int, kind: str, columns: int) -> dict[str, object]:
    return {
        "oid": oid,
        "relname": name,
        "relnamespace": schema,
        "relowner": OWNER,
        "relpersistence": "p",
        "relkind": kind,
        "relnatts": columns,
        "relispopulated": True,
        "relreplident": "n",
    }


def _table(table: Table, schema: int, context: CatalogContext) -> Row:
    statistics = context.statistics.get(table.oid)
    return _relation(table.oid, table.name, schema, "r", sum(1 for _ in attributes(table))) | {
        "relam": HEAP,
        "relfilenode": table.oid,
        "relpages": _pages(table.oid, context),
        "reltuples": _NEVER_ANALYZED if statistics is None else float(statistics.rows),
        "relhasindex": bool(table.indexes or table.uniques),
        "relchecks": len(table.checks),
        "relhastriggers": bool(table.foreign_keys or context.state.references_to(table.oid)),
        "relreplident": "d",
        "relfrozenxid": 3,  # FirstNormalTransactionId
        "relminmxid": 1,
    }


def _index(index: Index, table: Table, schema: int, context: CatalogContext) -> Row:
    statistics = context.statistics.get(table.oid)
    columns = len(index.columns) + len(index.include)
    return _relation(index.oid, index.name, schema, "i", columns) | {
        "relam": ACCESS_METHODS[index.method].oid,
        "relfilenode": index.oid,
        "relpages": _pages(index.oid, context),
        "reltuples": 0.0 if statistics is None else float(statistics.rows),
        "reloptions": index_options(index),
    }


def _pages(oid: int, context: CatalogContext) -> int:
    return -(-context.sizes.get(oid, 0) // _PAGE)
