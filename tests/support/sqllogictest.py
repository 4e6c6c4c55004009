"""sqllogictest files: read, run over psycopg and compared with the server's own text output, byte for byte.

The dialect is that of sqllogictest-rs; tests/golden/sql/README.md describes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import zip_longest
from pathlib import Path

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

INTEGER_OIDS = frozenset({20, 21, 23, 26})
REAL_OIDS = frozenset({700, 701, 1700})
IGNORE = "<ignore>"
RESULT_MARK = "----"

CREATED = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:(?:temp|temporary|unlogged|recursive)\s+)?"
    r"(table|view|materialized\s+view|sequence|schema)\s+(?:if\s+not\s+exists\s+)?((?:\"[^\"]+\"|[\w.])+)",
    re.IGNORECASE,
)
RENAMED = re.compile(r"^alter\s+(table|view|sequence|schema)\s+\S+\s+rename\s+to\s+(\w+)", re.IGNORECASE)


class Kind(Enum):
    """What a record expects."""

    OK = "statement ok"
    COUNT = "statement count"
    ERROR = "statement error"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Record:
    """One statement or query and its answer, expected or actual."""

    kind: Kind
    argument: str  # the row count, the SQLSTATE or the types of the columns
    sort: str
    sql: str
    answer: tuple[str, ...] | None  # rows, or message and its further fields; None: there is no ---- block
    line: int  # of the header, from 1
    end: int  # first line after the record
    connection: str = "default"
    skip_if: frozenset[str] = frozenset()
    only_if: frozenset[str] = frozenset()

    def applies_to(self, engine: str) -> bool:
        return engine not in self.skip_if and (not self.only_if or engine in self.only_if)

    def to_text(self) -> str:
        argument = f"({self.argument})" if self.kind is Kind.ERROR and self.argument else self.argument
        header = " ".join(filter(None, (self.kind.value, argument, self.sort)))
        return "\n".join([header, self.sql, *([] if self.answer is None else [RESULT_MARK, *self.answer])])


@dataclass(frozen=True, slots=True)
class Difference:
    """A record and the same record as the server answered it."""

    expected: Record
    actual: Record

    def __str__(self) -> str:
        line = f"line {self.expected.line}"
        return "\n".join(
            (line, self.expected.to_text(), "--- but the server said", self.actual.to_text(), "")
        )


def parse(text: str) -> Iterator[Record]:
    lines, at = text.splitlines(), 0
    control: dict[str, set[str]] = {"skipif": set(), "onlyif": set(), "connection": set()}
    while at < len(lines):
        word, _, rest = lines[at].partition(" ")
        at += 1
        if word in control:
            control[word].add(rest.strip())
        elif word in {"statement", "query"}:
            record = _parse_record(lines, at)
            skip_if, only_if = frozenset(control["skipif"]), frozenset(control["onlyif"])
            connection = "".join(control["connection"]) or "default"
            yield replace(record, connection=connection, skip_if=skip_if, only_if=only_if)
            at, control = record.end, {key: set() for key in control}
        elif word and not word.startswith("#"):
            raise ValueError(f"line {at}: unknown directive {lines[at - 1]!r}")


def _parse_record(lines: list[str], start: int) -> Record:
    header = lines[start - 1].split()
    if header[0] == "query":
        kind, arguments = Kind.QUERY, header[1:]
        sort = arguments.pop() if arguments and arguments[-1] in {"rowsort", "nosort"} else ""
    else:
        kind, arguments, sort = Kind(" ".join(header[:2])), header[2:], ""
    end = start
    while end < len(lines) and lines[end]:
        end += 1
    block, answer = lines[start:end], None
    if RESULT_MARK in block:
        mark = block.index(RESULT_MARK)
        block, answer = block[:mark], tuple(block[mark + 1 :])
    if not block or len(arguments) > 1:
        raise ValueError(f"line {start}: not a record: {lines[start - 1]!r}")
    return Record(kind, "".join(arguments).strip("()"), sort, "\n".join(block), answer, line=start, end=end)


class Runner:
    """Runs records over named connections to one server and drops afterwards what they created."""

    def __init__(self, dsn: str, engine: str) -> None:
        self._dsn = dsn
        self._engine = engine
        self._connections: dict[str, psycopg.Connection] = {}
        self._created: list[tuple[str, str]] = []

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self._disconnect()
        for what, name in reversed(self._created):
            sql = f"drop {what} if exists {name} cascade"
            self.run(Record(Kind.OK, "", "", sql, None, line=0, end=0))
        self._disconnect()

    def run_file(self, path: Path, *, update: bool = False) -> list[Difference]:
        text = path.read_text(encoding="utf-8")
        lines, rewritten, done = text.splitlines(), list[str](), 0
        differences = []
        for record in parse(text):
            kept = record
            if record.applies_to(self._engine):
                self._remember(record.sql)
                actual = self.run(record)
                kept = refreshed(record, actual) if update else record
                differences += [] if is_right(kept, actual) else [Difference(kept, actual)]
            rewritten += [*lines[done : record.line - 1], *kept.to_text().splitlines()]
            done = record.end
        if update:
            path.write_text("\n".join([*rewritten, *lines[done:]]).rstrip("\n") + "\n", encoding="utf-8")
        return differences

    def run(self, record: Record) -> Record:
        """The record as the server answers it."""
        try:
            # No parameters, no preparing: one simple-protocol Query, as psql sends it.
            cursor = self._connection(record.connection).execute(record.sql.encode())
            while cursor.nextset():
                pass
        except psycopg.Error as error:
            code = error.sqlstate or "none"
            return replace(record, kind=Kind.ERROR, argument=code, sort="", answer=_message_of(error))
        result = cursor.pgresult
        assert result is not None
        if result.status == ExecStatus.TUPLES_OK and record.kind is Kind.QUERY:
            types = "".join(_letter(result.ftype(column)) for column in range(result.nfields))
            rows = _rows_of(result)
            return replace(
                record, argument=types, answer=tuple(sorted(rows) if record.sort == "rowsort" else rows)
            )
        if record.kind is Kind.COUNT:
            return replace(record, argument=str(result.command_tuples or 0))
        return replace(record, kind=Kind.OK, argument="", sort="", answer=None)

    def _connection(self, name: str) -> psycopg.Connection:
        if name not in self._connections or self._connections[name].closed:
            self._connections[name] = psycopg.connect(self._dsn, autocommit=True, prepare_threshold=None)
        return self._connections[name]

    def _disconnect(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _remember(self, sql: str) -> None:
        for pattern in (CREATED, RENAMED):
            self._created += [(m[1], m[2]) for m in pattern.finditer(sql)]


def is_right(record: Record, actual: Record) -> bool:
    if record.kind is Kind.ERROR is actual.kind:
        # Without a SQLSTATE any error will do, without a message any message.
        record = replace(record, argument=record.argument or actual.argument)
        actual = replace(actual, answer=None if record.answer is None else _asked_for(record, actual))
    if record.sort == "rowsort":
        record = replace(record, answer=tuple(sorted(record.answer or ())))
    return _matches(record.to_text(), actual.to_text())


def refreshed(record: Record, actual: Record) -> Record:
    """The record with the server's answer as the expected one, where the kind of the answer is right."""
    if actual.kind is not record.kind:
        return record
    answer = actual.answer
    if record.kind is Kind.ERROR:
        answer = None if record.answer is None and record.argument else _asked_for(record, actual)
    if answer is not None:
        pairs = list(zip_longest(record.answer or (), answer, fillvalue=""))[: len(answer)]
        answer = tuple(old if IGNORE in old and _matches(old, new) else new for old, new in pairs)
    return replace(actual, answer=answer)


def _asked_for(record: Record, actual: Record) -> tuple[str, ...]:
    """The message and those of its further fields that the record names; a new record gets its detail."""
    message, *fields = actual.answer or ("",)
    names = ["DETAIL"] if record.answer is None else [line.partition(":")[0] for line in record.answer[1:]]
    return (message, *(line for name in names for line in fields if line.startswith(f"{name}: ")))


def _message_of(error: psycopg.Error) -> tuple[str, ...]:
    diag = error.diag
    fields = {"DETAIL": diag.message_detail, "HINT": diag.message_hint, "POSITION": diag.statement_position}
    lines = [
        diag.message_primary or str(error),
        *(f"{name}: {text}" for name, text in fields.items() if text),
    ]
    return tuple(map(_escape, lines))


def _rows_of(result: PGresult) -> list[str]:
    columns = range(result.nfields)
    return [
        "\t".join(_cell(result.get_value(row, column)) for column in columns) for row in range(result.ntuples)
    ]


def _cell(value: bytes | None) -> str:
    return "NULL" if value is None else _escape(value.decode()) or "(empty)"


def _letter(oid: int) -> str:
    return "I" if oid in INTEGER_OIDS else "R" if oid in REAL_OIDS else "T"


def _matches(expected: str, actual: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.split(IGNORE))
    return expected == actual or (IGNORE in expected and re.fullmatch(pattern, actual) is not None)


def _escape(value: str) -> str:
    return value.replace("\t", "\\t").replace("\n", "\\n")
