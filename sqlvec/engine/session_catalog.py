"""SessionCatalog: the planner's Catalog for one statement of one session."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlvec.core.acl import PUBLIC
from sqlvec.core.errors import InsufficientPrivilege
from sqlvec.core.policy import Policy
from sqlvec.core.schema import Schema, Table
from sqlvec.core.settings.session import SessionSettings
from sqlvec.planner.catalog import Relation, SystemRelation
from sqlvec.storage.catalog import CatalogState
from sqlvec.storage.pg_catalog import SYSTEM_TABLES, lookup
from sqlvec.storage.privileges import Privileges

SYSTEM_SCHEMAS = ("pg_catalog", "information_schema")


@dataclass(frozen=True, slots=True)
class SessionCatalog:
    """`state` is the session's own while it runs DDL, else the committed one."""

    state: CatalogState
    database: str
    user: str
    settings: SessionSettings
    role: int
    session_user: str
    path: tuple[str, ...] | None = None  # inside of a view, its own

    @property
    def search_path(self) -> tuple[str, ...]:
        if self.path is not None:
            return self.path
        names = [part.strip() for part in self.settings.get("search_path").split(",")]
        unquoted = [
            name[1:-1].replace('""', '"') if name.startswith('"') else name.lower() for name in names if name
        ]
        path = [self.user if name == "$user" else name for name in unquoted]
        return tuple(path) if "pg_catalog" in path else ("pg_catalog", *path)

    def inside(self, search_path: tuple[str, ...]) -> SessionCatalog:
        return replace(self, path=search_path)

    def is_guarded(self, table: Table, role: int | None) -> bool:
        who = self.role if role is None else role
        privileges = Privileges(self.state, who)
        if not privileges.is_guarded(table):
            return False
        if not self.settings.is_on("row_security"):
            hint = "To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY."
            raise InsufficientPrivilege(
                f'query would be affected by row-level security policy for table "{table.name}"',
                hint=hint if privileges.owns(table) else None,
            )
        return True

    def policies(
        self, table: Table, role: int | None, command: str
    ) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
        who = {PUBLIC, *self.state.roster.privileges_of(self.role if role is None else role)}
        found = sorted(
            (p for p in table.policies if p.command in ("ALL", command) and who & set(p.roles)),
            key=lambda policy: policy.name,
        )
        return tuple(p for p in found if p.is_permissive), tuple(p for p in found if not p.is_permissive)

    def may_use(self, schema: str) -> bool:
        """USAGE of a schema. The names in a view were looked up when it was made."""
        found = self.state.schema(schema) if self.path is None else None
        return found is None or Privileges(self.state, self.role).has(found, "U")

    def has_schema(self, name: str) -> bool:
        return name in SYSTEM_SCHEMAS or self.state.schema(name) is not None

    def creation_schema(self) -> Schema | None:
        """Where unqualified CREATE puts things: the first schema of the path that exists."""
        for name in self.search_path:
            found = self.state.schema(name)
            if found is not None and self.may_use(name):
                return found
        return None

    def relation(self, schema: str | None, name: str) -> Relation | None:
        if schema is not None and not self.may_use(schema):
            raise InsufficientPrivilege(f"permission denied for schema {schema}")
        for each in (schema,) if schema is not None else self.search_path:
            found = self._in_schema(each, name)
            if found is not None and (schema is not None or self.may_use(each)):
                return found
        return None

    def _in_schema(self, schema: str, name: str) -> Relation | None:
        if schema in SYSTEM_SCHEMAS:
            system = lookup(schema, name)
            return None if system is None else SystemRelation(system.oid, schema, name, system.columns)
        return self.state.relation(schema, name)

    def relation_by_oid(self, oid: int) -> Relation | None:
        found = self.state.objects.get(oid)
        return None if found is None or isinstance(found, Schema) else found

    def name_of(self, oid: int) -> tuple[str, str] | None:
        """Schema and name of a relation or index."""
        found = self.relation_by_oid(oid)
        if found is not None:
            return found.schema, found.name
        system = next((table for table in SYSTEM_TABLES.values() if table.oid == oid), None)
        if system is not None:
            return system.schema, system.name
        for table in self.state.each(Table):
            for index in table.indexes:
                if index.oid == oid:
                    return table.schema, index.name
            for unique in table.uniques:
                if unique.index_oid == oid:
                    return table.schema, unique.name
        return None

    def index(self, schema: str | None, name: str) -> tuple[Table, int] | None:
        if schema is not None and not self.may_use(schema):
            raise InsufficientPrivilege(f"permission denied for schema {schema}")
        for each in (schema,) if schema is not None else self.search_path:
            found = self.state.index(each, name)
            if found is not None and (schema is not None or self.may_use(each)):
                return found
        return None

    def index_oid(self, schema: str | None, name: str) -> int | None:
        found = self.index(schema, name)
        return found[1] if found is not None else None
