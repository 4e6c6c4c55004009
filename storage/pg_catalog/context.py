"""CatalogContext: what the rows of system relations are made from, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlvec.core.schema import TableStatistics
from sqlvec.core.settings.session import SessionSettings

from ..catalog import CatalogState
from .oids import OWNER


@dataclass(frozen=True, slots=True)
class Role:
    """A row of pg_authid."""

    oid: int
    name: str
    is_superuser: bool = False
    can_login: bool = True
    can_create_roles: bool = False
    can_create_databases: bool = False


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """An index build in flight; `phase` is PostgreSQL's wording, `done` of `total` are rows."""

    pid: int
    index_oid: int
    table_oid: int
    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SessionActivity:
    """A connected session; `client_address` is None for local sockets, with port -1."""

    pid: int
    user: str
    database: str
    application_name: str
    state: str
    query: str
    client_address: str | None = None
    client_port: int = -1
    backend_start: datetime | None = None
    query_start: datetime | None = None


POSTGRES = Role(OWNER, "postgres", is_superuser=True, can_create_roles=True, can_create_databases=True)


@dataclass(frozen=True, slots=True)
class CursorDeclared:
    """A line of pg_cursors."""

    name: str
    statement: str
    is_held: bool
    is_scrollable: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class Lock:
    """A line of pg_locks: an advisory lock has a key of (high, low, 1 or 2)."""

    pid: int
    kind: str
    table_oid: int
    key: object
    mode: str
    is_granted: bool


@dataclass(frozen=True, slots=True)
class CatalogContext:
    """One session's view of everything that the system relations tell.

    `statistics` are by table OID, `sequence_values` the last values by sequence OID (absent: not yet used),
    `sizes` those of tables and indexes in bytes, by OID.
    """

    state: CatalogState
    database: str
    databases: tuple[str, ...]
    user: str
    settings: SessionSettings
    statistics: Mapping[int, TableStatistics] = field(default_factory=dict)
    progress: tuple[BuildProgress, ...] = ()
    sessions: tuple[SessionActivity, ...] = ()
    locks: tuple[Lock, ...] = ()
    cursors: tuple[CursorDeclared, ...] = ()
    roles: tuple[Role, ...] = (POSTGRES,)
    sequence_values: Mapping[int, int] = field(default_factory=dict)
    role: int = OWNER  # who asks
    sizes: Mapping[int, int] = field(default_factory=dict)
