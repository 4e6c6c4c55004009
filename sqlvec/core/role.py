"""Role: who may log in, own things and be granted privileges; with memberships and per-role settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from .acl import AclItem

BOOTSTRAP = 10  # the superuser that initdb makes, postgres
DATABASE_OWNER = 6171  # pg_database_owner: whoever owns the database is its member
READ_ALL_DATA = 6181
WRITE_ALL_DATA = 6182
READ_ALL_STATS = 3375
MAINTAIN = 6337
CHECKPOINT = 4544
SIGNAL_BACKEND = 4200
DATABASE = 5  # our key of the database's own entry, PostgreSQL's OID of "postgres"


@dataclass(frozen=True, slots=True)
class Role:
    """A row of pg_authid. `verifier` is None as long as nobody gave a password, '' once it was taken away.

    `valid_until` is an ISO timestamp with its offset, or 'infinity'.
    """

    oid: int
    name: str
    is_superuser: bool = False
    inherits: bool = True
    can_create_roles: bool = False
    can_create_databases: bool = False
    can_login: bool = False
    is_replication: bool = False
    bypasses_rls: bool = False
    connection_limit: int = -1
    verifier: str | None = field(default=None, repr=False)
    valid_until: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """`member` is in `role`, says `grantor`; it has its privileges, and may SET ROLE to it, or not."""

    oid: int
    role: int
    member: int
    grantor: int
    is_admin: bool = False
    inherits: bool = True
    may_set: bool = True


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """What ALTER ROLE ... SET and ALTER DATABASE ... SET say; role 0 is all, database '' is every one."""

    oid: int
    role: int
    database: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DefaultAcl:
    """ALTER DEFAULT PRIVILEGES: what new objects of a role get, r, S or n. `schema` 0 is everywhere."""

    oid: int
    role: int
    schema: int
    kind: str
    acl: tuple[AclItem, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseAccess:
    """The database's owner and privileges."""

    oid: int = DATABASE
    owner_role: int = BOOTSTRAP
    acl: tuple[AclItem, ...] | None = None


PREDEFINED = (
    Role(
        BOOTSTRAP,
        "postgres",
        is_superuser=True,
        can_create_roles=True,
        can_create_databases=True,
        can_login=True,
        is_replication=True,
        bypasses_rls=True,
    ),
    Role(DATABASE_OWNER, "pg_database_owner"),
    Role(READ_ALL_DATA, "pg_read_all_data"),
    Role(WRITE_ALL_DATA, "pg_write_all_data"),
    Role(READ_ALL_STATS, "pg_read_all_stats"),
    Role(SIGNAL_BACKEND, "pg_signal_backend"),
    Role(CHECKPOINT, "pg_checkpoint"),
    Role(MAINTAIN, "pg_maintain"),
)
