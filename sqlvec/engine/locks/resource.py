"""Resource: what can be locked."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, NamedTuple


class Resource(NamedTuple):
    """`kind` as pg_locks.locktype has it, where it has it; `key` tells one of a kind from another."""

    kind: str
    table_oid: int = 0
    key: Hashable = None


DEFINITIONS: Final = Resource("object")  # held by who changes the catalog


def relation(oid: int) -> Resource:
    return Resource("relation", oid)


def rows(table_oid: int) -> Resource:
    """All rows of a table, or the intention to lock some."""
    return Resource("rows", table_oid)


def row(table_oid: int, rid: int) -> Resource:
    return Resource("tuple", table_oid, rid)


def keys(table_oid: int) -> Resource:
    """All key values of a table, or the intention to lock some."""
    return Resource("keys", table_oid)


def key(table_oid: int, constraint_oid: int, value: Hashable) -> Resource:
    """One value of a unique constraint's columns, whether a row has it or not."""
    return Resource("key", table_oid, (constraint_oid, value))


def references(table_oid: int) -> Resource:
    """All key values of a table that foreign keys rely on, or the intention to lock some."""
    return Resource("keys", table_oid, "referenced")


def reference(table_oid: int, constraint_oid: int, value: Hashable) -> Resource:
    """One key value that foreign keys rely on. Not the resource of `key`: who inserts a key that is there
    already, as upserts do, takes nothing away from those who reference it.
    """
    return Resource("key", table_oid, ("referenced", constraint_oid, value))


def advisory(high: int, low: int, kind: int) -> Resource:
    """`kind` is 1 for one bigint, 2 for two integers, as in pg_locks.objsubid."""
    return Resource("advisory", 0, (high, low, kind))
