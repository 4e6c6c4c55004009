"""CatalogState: every schema object of a database as one immutable value; DDL makes a new one.

A session that runs DDL works on its own state; COMMIT publishes it. The rows of `_sqlvec.objects` in
DuckDB hold the same, written inside the DDL's own transaction, so that both live or die together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias, TypeVar

from sqlvec.core.acl import PUBLIC, AclItem
from sqlvec.core.errors import UndefinedTable
from sqlvec.core.policy import Policy
from sqlvec.core.role import (
    DATABASE_OWNER,
    DatabaseAccess,
    DefaultAcl,
    Membership,
    Role,
    RoleSettings,
)
from sqlvec.core.roster import INITIAL, Roster, RosterItem
from sqlvec.core.schema import (
    PUBLIC_SCHEMA,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    IndexColumn,
    Schema,
    Sequence,
    Table,
    UniqueConstraint,
    View,
)
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import type_by_oid

from .duck import Cursor

FIRST_USER_OID = 16400  # above PostgreSQL's own, below which fixed OIDs (vector's) live
PUBLIC_OID = 2200
RID_COUNTER = "rid"
OID_COUNTER = "oid"

Object: TypeAlias = Schema | Table | View | Sequence
Relation: TypeAlias = Table | View | Sequence
_KINDS: dict[str, type[Any]] = {
    "schema": Schema,
    "table": Table,
    "view": View,
    "sequence": Sequence,
    "role": Role,
    "membership": Membership,
    "rolesettings": RoleSettings,
    "defaultacl": DefaultAcl,
    "databaseaccess": DatabaseAccess,
}
_OF_ROSTER = (Role, Membership, RoleSettings, DefaultAcl, DatabaseAccess)
_T = TypeVar("_T")

CREATE = (
    "CREATE SCHEMA IF NOT EXISTS _sqlvec",
    "CREATE TABLE IF NOT EXISTS _sqlvec.objects (oid BIGINT, kind VARCHAR, body VARCHAR)",
    "CREATE TABLE IF NOT EXISTS _sqlvec.counters (name VARCHAR, value BIGINT)",
)


@dataclass(frozen=True, slots=True)
class CatalogState:
    """All objects by OID. Look-ups by name are dictionaries built once per state."""

    objects: Mapping[int, Object] = field(default_factory=dict)
    roster: Roster = INITIAL
    _names: Mapping[tuple[str, str], Relation] = field(default_factory=dict, compare=False)
    _indexes: Mapping[tuple[str, str], tuple[Table, int]] = field(default_factory=dict, compare=False)
    _references: Mapping[int, list[tuple[Table, ForeignKey]]] = field(default_factory=dict, compare=False)

    @staticmethod
    def of(objects: Iterable[Object], roster: Roster = INITIAL) -> CatalogState:
        by_oid = {item.oid: item for item in objects}
        names: dict[tuple[str, str], Relation] = {}
        indexes: dict[tuple[str, str], tuple[Table, int]] = {}
        references: dict[int, list[tuple[Table, ForeignKey]]] = {}
        for item in by_oid.values():
            if isinstance(item, Schema):
                continue
            names[item.schema, item.name] = item
            if isinstance(item, Table):
                indexes.update({(item.schema, index.name): (item, index.oid) for index in item.indexes})
                indexes.update({(item.schema, u.name): (item, u.index_oid) for u in item.uniques})
                for key in item.foreign_keys:
                    references.setdefault(key.parent, []).append((item, key))
        return CatalogState(by_oid, roster, names, indexes, references)

    def with_object(self, item: Object) -> CatalogState:
        return CatalogState.of({**self.objects, item.oid: item}.values(), self.roster)

    def without(self, oid: int) -> CatalogState:
        return CatalogState.of((item for item in self.objects.values() if item.oid != oid), self.roster)

    def with_roster(self, roster: Roster) -> CatalogState:
        return replace(self, roster=roster)

    def schema(self, name: str) -> Schema | None:
        return next(
            (item for item in self.objects.values() if isinstance(item, Schema) and item.name == name), None
        )

    def relation(self, schema: str, name: str) -> Relation | None:
        return self._names.get((schema, name))

    def index(self, schema: str, name: str) -> tuple[Table, int] | None:
        """The table and OID of an index (also those behind constraints)."""
        return self._indexes.get((schema, name))

    def name_taken(self, schema: str, name: str) -> bool:
        """Whether a relation of any kind has the name: tables, views, sequences and indexes share them."""
        return (schema, name) in self._names or (schema, name) in self._indexes

    def table(self, oid: int) -> Table:
        item = self.objects.get(oid)
        if not isinstance(item, Table):
            raise UndefinedTable(f"relation with OID {oid} does not exist")
        return item

    def references_to(self, oid: int) -> list[tuple[Table, ForeignKey]]:
        """The foreign keys that reference a table, each with the table that has it, oldest first."""
        return sorted(self._references.get(oid, ()), key=lambda reference: reference[1].oid)

    def each(self, kind: type[_T]) -> list[_T]:
        return [item for item in self.objects.values() if isinstance(item, kind)]


_PUBLIC_ACL = (AclItem(DATABASE_OWNER, DATABASE_OWNER, "UC"), AclItem(PUBLIC, DATABASE_OWNER, "U"))
EMPTY = CatalogState.of([Schema(PUBLIC_OID, PUBLIC_SCHEMA, DATABASE_OWNER, _PUBLIC_ACL)])


def load(cursor: Cursor) -> CatalogState:
    """Read the state back; a new database gets the public schema."""
    for sql in CREATE:
        cursor.run(sql)
    rows = cursor.rows("SELECT kind, body FROM _sqlvec.objects ORDER BY oid")
    if not rows:
        save(cursor, CatalogState(), EMPTY)
        return EMPTY
    found = [_from_json(_KINDS[kind], _as_of_today(kind, json.loads(body))) for kind, body in rows]
    roster = {**INITIAL.items, **{item.oid: item for item in found if isinstance(item, _OF_ROSTER)}}
    objects = [item for item in found if not isinstance(item, _OF_ROSTER)]
    return CatalogState.of(objects, Roster.of(roster.values()))


def _as_of_today(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """A directory from before there were roles: the public schema has the privileges of a new one."""
    if kind == "schema" and body["oid"] == PUBLIC_OID and "owner_role" not in body:
        return {**_to_json(EMPTY.objects[PUBLIC_OID]), **body}
    return body


def save(cursor: Cursor, before: CatalogState, after: CatalogState) -> None:
    """Write the difference of two states inside the cursor's transaction."""
    olds: Mapping[int, Object | RosterItem] = {**before.objects, **before.roster.items}
    news: Mapping[int, Object | RosterItem] = {**after.objects, **after.roster.items}
    for oid in olds.keys() | news.keys():
        old, new = olds.get(oid), news.get(oid)
        if old == new:
            continue
        if old is not None:
            cursor.run("DELETE FROM _sqlvec.objects WHERE oid = $1", [oid])
        if new is not None:
            kind = type(new).__name__.lower()
            cursor.run(
                "INSERT INTO _sqlvec.objects VALUES ($1, $2, $3)", [oid, kind, json.dumps(_to_json(new))]
            )


def _to_json(value: Any) -> Any:
    if isinstance(value, PgType):
        return value.oid
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _to_json(getattr(value, item.name)) for item in fields(value)}
    return value


_NESTED: dict[str, type[Any]] = {
    "uniques": UniqueConstraint,
    "foreign_keys": ForeignKey,
    "checks": CheckConstraint,
    "indexes": Index,
    "acl": AclItem,
    "policies": Policy,
}


def _from_json(kind: type[_T], body: dict[str, Any]) -> _T:
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: _field(kind, name, value) for name, value in body.items() if name in known})


def _field(kind: type[Any], name: str, value: Any) -> Any:
    if name == "type" and kind is Column:
        found = type_by_oid(value)
        assert found is not None, f"unknown type OID {value} in the catalog"
        return found
    if not isinstance(value, list):
        return value
    if name == "columns" and kind in (Table, View):
        return tuple(_from_json(Column, item) for item in value)
    if name == "columns" and kind is Index:
        return tuple(_from_json(IndexColumn, item) for item in value)
    if name in _NESTED:
        return tuple(_from_json(_NESTED[name], item) for item in value)
    return tuple(tuple(item) if isinstance(item, list) else item for item in value)


def replace_table(state: CatalogState, table: Table, **changes: Any) -> tuple[CatalogState, Table]:
    """The state with some fields of a table changed."""
    changed = replace(table, **changes)
    return state.with_object(changed), changed
