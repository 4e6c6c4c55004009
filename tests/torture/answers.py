"""Answer: all that a server says to one statement, and how it differs from another server's."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

LOST = "connection lost"
INTERNAL = "XX000"
ROUNDING = (
    1e-5  # of numbers: pgvector adds in float32, we in float64, and a small sum may be of large numbers
)
_FRACTIONS = {"real", "double precision", "numeric", "vector", "real[]", "double precision[]"}
_SHOWN = 1500  # characters of an answer

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as the server wrote them, each type by its name, for OIDs of extensions differ."""

    error: str | None  # SQLSTATE
    message: str
    tag: str | None
    columns: tuple[tuple[str, str], ...]  # name and type
    rows: tuple[Row, ...]
    status: TransactionStatus

    def sorted(self) -> Answer:
        return replace(self, rows=tuple(sorted(self.rows, key=str)))

    def __str__(self) -> str:
        if self.error:
            return f"{self.error} {self.message} ({self.status.name})"
        lines = [f"{self.tag}, {len(self.rows)} rows ({self.status.name})", str(self.columns)]
        return "\n".join([*lines, *map(str, self.rows)])[:_SHOWN]


class Asker:
    """One connection that answers with `Answer`."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self.connection = connection
        rows = connection.execute("select oid, format_type(oid, null) from pg_type").fetchall()
        self._types = {oid: str(name) for oid, name in rows}

    @property
    def status(self) -> TransactionStatus:
        return self.connection.info.transaction_status

    def ask(self, sql: str, *, is_extended: bool = False) -> Answer:
        try:
            cursor = self.connection.execute(sql.encode(), prepare=is_extended)  # else a simple query
        except psycopg.Error as error:
            message = error.diag.message_primary or str(error)
            return Answer(error.sqlstate or LOST, message, None, (), (), self.status)
        result = cursor.pgresult
        assert result is not None
        columns: tuple[tuple[str, str], ...] = ()
        rows: tuple[Row, ...] = ()
        if result.status == ExecStatus.TUPLES_OK:
            numbers = range(result.nfields)
            columns = tuple(
                (_text(result.fname(n)) or "", self._types.get(result.ftype(n), "?")) for n in numbers
            )
            rows = tuple(
                tuple(_text(result.get_value(row, n)) for n in numbers) for row in range(result.ntuples)
            )
        return Answer(None, "", cursor.statusmessage, columns, rows, self.status)


def difference(ours: Answer, theirs: Answer) -> str | None:
    """What is wrong with our answer, in a few words."""
    if ours.error in (LOST, INTERNAL):
        return ours.error
    for name in ("error", "status", "tag", "columns"):
        if getattr(ours, name) != getattr(theirs, name):
            return f"another {name}"
    if len(ours.rows) != len(theirs.rows):
        return "another number of rows"
    kinds = [kind in _FRACTIONS for _, kind in theirs.columns]
    for number, (mine, other) in enumerate(zip(ours.rows, theirs.rows, strict=True)):
        if not all(map(_is_same, mine, other, kinds)):
            return f"another row {number}"
    return None


def _is_same(mine: str | None, other: str | None, is_fraction: bool) -> bool:
    if mine == other:
        return True
    if mine is None or other is None or not is_fraction:
        return False
    return all_close(numbers_of(mine), numbers_of(other))


def numbers_of(text: str) -> list[float]:
    """The numbers of a number, an array or a vector."""
    return [math.nan if part == "NULL" else float(part) for part in text.strip("[]{}").split(",") if part]


def all_close(mine: list[float], others: list[float]) -> bool:
    if len(mine) != len(others):
        return False
    return all(is_close(one, other) for one, other in zip(mine, others, strict=True))


def is_close(one: float, other: float) -> bool:
    """Equal but for rounding; NaN equals itself, as PostgreSQL sees it."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
