"""The schema's values: tables, columns, constraints, indexes, sequences, views; frozen, with their OIDs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .acl import Acl
from .policy import Policy
from .role import BOOTSTRAP
from .types.pg_type import PgType

PUBLIC_SCHEMA = "public"
RID = "_sqlvec_rid"  # the hidden row id column, DESIGN section 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. Expressions are kept as the client's SQL text.

    `number` is pg_attribute.attnum: it stays when other columns are dropped.
    """

    name: str
    type: PgType
    typmod: int = -1
    number: int = 0
    not_null: bool = False
    default: str | None = None
    generated: str | None = None
    identity: Literal["ALWAYS", "BY DEFAULT"] | None = None
    sequence_oid: int | None = None  # the owned sequence of serial and identity columns
    acl: Acl | None = None

    @property
    def duckdb_type(self) -> str:
        return self.type.duckdb_name(self.typmod)

    @property
    def is_vector(self) -> bool:
        return self.type.name == "vector"

    @property
    def is_searchable(self) -> bool:
        """Whether vector search works on it: vector with dimensions."""
        return self.is_vector and self.typmod > 0


@dataclass(frozen=True, slots=True)
class UniqueConstraint:
    """PRIMARY KEY, UNIQUE, or a unique index (`is_constraint` False).

    An index over expressions has no `columns` but the SQL text of each key in `expressions`; with `where`,
    only the rows that pass it count. `index_oid` is that of the `Index` with the whole definition, if the
    table has one.
    """

    oid: int
    name: str
    columns: tuple[str, ...]
    index_oid: int
    is_primary: bool = False
    is_constraint: bool = True
    nulls_not_distinct: bool = False
    is_deferrable: bool = False
    is_deferred: bool = False  # INITIALLY DEFERRED
    expressions: tuple[str, ...] = ()
    where: str | None = None

    @property
    def is_stored(self) -> bool:
        """Whether an index of DuckDB refuses duplicates, row by row; else we look for them afterwards."""
        is_plain = not self.expressions and self.where is None
        return is_plain and not self.nulls_not_distinct and not self.is_deferrable


@dataclass(frozen=True, slots=True)
class CheckConstraint:
    """CHECK; `expression` is SQL text over the table's columns."""

    oid: int
    name: str
    expression: str
    is_valid: bool = True  # False after NOT VALID: earlier rows were not looked at


Action: TypeAlias = Literal["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """FOREIGN KEY: `columns` of its table must be found among the `keys` of another, or the same, table."""

    oid: int
    name: str
    columns: tuple[str, ...]
    parent: int  # OID of the referenced table
    keys: tuple[str, ...]  # of the parent, in the order of `columns`
    unique: int  # OID of the parent's unique constraint or index over `keys`
    on_delete: Action = "NO ACTION"
    on_update: Action = "NO ACTION"
    delete_columns: tuple[str, ...] = ()  # those that ON DELETE SET clears; none means all
    is_full: bool = False  # MATCH FULL: all columns are null, or none
    is_deferrable: bool = False
    is_deferred: bool = False  # INITIALLY DEFERRED
    is_valid: bool = True  # False after NOT VALID: earlier rows were not looked at


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A key of an index: a column name, or an expression's SQL text."""

    column: str | None
    expression: str | None = None
    opclass: str | None = None
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index; vector methods have a file of their own, the others are kept as definitions."""

    oid: int
    name: str
    method: str
    columns: tuple[IndexColumn, ...]
    options: tuple[tuple[str, str], ...] = ()
    include: tuple[str, ...] = ()
    where: str | None = None
    unique: bool = False

    @property
    def is_vector_index(self) -> bool:
        return self.method in ("hnsw", "ivfflat")


@dataclass(frozen=True, slots=True)
class Table:
    """A base table. Its DuckDB name comes from its OID, so that renaming touches no storage."""

    oid: int
    schema: str
    name: str
    columns: tuple[Column, ...]
    uniques: tuple[UniqueConstraint, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    owner_role: int = BOOTSTRAP
    acl: Acl | None = None
    policies: tuple[Policy, ...] = ()
    row_security: bool = False
    force_row_security: bool = False  # also for the owner

    @property
    def storage_name(self) -> str:
        return f"t{self.oid}"

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def keys(self) -> tuple[UniqueConstraint | ForeignKey, ...]:
        """The constraints that may be deferrable."""
        return (*self.uniques, *self.foreign_keys)

    @property
    def primary_key(self) -> UniqueConstraint | None:
        return next((unique for unique in self.uniques if unique.is_primary), None)


@dataclass(frozen=True, slots=True)
class View:
    """A view: its query as text, its columns as they were at creation."""

    oid: int
    schema: str
    name: str
    query: str
    columns: tuple[Column, ...]
    search_path: tuple[str, ...] = (PUBLIC_SCHEMA,)
    owner_role: int = BOOTSTRAP
    acl: Acl | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_security_invoker(self) -> bool:
        """Whether what it reads is checked as whoever reads it, not as its owner."""
        return ("security_invoker", "true") in self.options


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence's definition; its current value lives in the sequence store."""

    oid: int
    schema: str
    name: str
    type_name: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 2**63 - 1
    cycle: bool = False
    owner: tuple[int, str] | None = None  # (table oid, column)
    owner_role: int = BOOTSTRAP
    acl: Acl | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """A namespace."""

    oid: int
    name: str
    owner_role: int = BOOTSTRAP
    acl: Acl | None = None


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """What ANALYZE knows of a column. Fractions are of all rows; values are Python objects.

    `common` holds the most common values with their fractions; `histogram` the equal-height bounds of
    the rest; `elements` the most common elements of an array column with the fraction of rows that
    hold them.
    """

    null_fraction: float = 0.0
    distinct: float = 0.0
    common: tuple[tuple[object, float], ...] = ()
    histogram: tuple[object, ...] = ()
    elements: tuple[tuple[object, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """Row count and column statistics as of the last ANALYZE."""

    rows: int
    columns: dict[str, ColumnStatistics] = field(default_factory=dict)
