"""Outcome: what a statement did, in values that know no bytes of the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

import pyarrow as pa

from .types.pg_type import PgType


class TransactionStatus(Enum):
    """ReadyForQuery's status byte."""

    IDLE = b"I"
    IN_TRANSACTION = b"T"
    FAILED = b"E"


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column of a result, as RowDescription tells it."""

    name: str
    type: PgType
    typmod: int = -1
    table_oid: int = 0
    attribute_number: int = 0


class RowStream(Protocol):
    """Rows that arrive batch by batch. Iterate, then ask `tag`; `close` early to free the cursor.

    Every batch has the columns of `columns`, in the carrier types of their PgType
    (`finish_carriers` in the engine guarantees it).
    """

    @property
    def columns(self) -> tuple[ResultColumn, ...]: ...

    def __iter__(self) -> Iterator[pa.RecordBatch]: ...

    @property
    def tag(self) -> str | None:
        """The command tag, such as 'SELECT 3'; None after a row limit stopped the stream early."""
        ...

    def close(self) -> None: ...


class CopySink(Protocol):
    """Takes the bytes of COPY FROM STDIN, in pieces of any size."""

    def write(self, piece: bytes) -> None: ...

    def finish(self) -> str:
        """All has come: returns the tag 'COPY n', or raises and leaves no row."""
        ...

    def abort(self, reason: str) -> None:
        """The client gave up (CopyFail): no row stays. Does not raise."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """The statement returns rows."""

    stream: RowStream


@dataclass(frozen=True, slots=True)
class Done:
    """The statement is complete and returns no rows."""

    tag: str


@dataclass(frozen=True, slots=True)
class Empty:
    """The query string held no statement."""


@dataclass(frozen=True, slots=True)
class CopyIn:
    """The statement waits for COPY data."""

    column_count: int
    is_binary: bool
    sink: CopySink


@dataclass(frozen=True, slots=True)
class CopyOut:
    """The statement sends COPY data: each piece is one CopyData payload (one row or more)."""

    column_count: int
    is_binary: bool
    pieces: Iterator[bytes]
    tag: Callable[[], str]  # ask after the last piece


Outcome: TypeAlias = Rows | Done | Empty | CopyIn | CopyOut


@dataclass(frozen=True, slots=True)
class StatementDescription:
    """What Describe tells of a prepared statement; `columns` is None where no rows come back."""

    parameter_oids: tuple[int, ...]
    columns: tuple[ResultColumn, ...] | None
