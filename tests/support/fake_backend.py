"""FakeBackend: a Backend in memory whose "SQL" is a script of outcomes. It knows no database.

select 1 | select 'a', null     literals, one row        rows 5 [10]    five rows [of text, 10 wide]
echo                             $1, $2 ... as text       nothing       the tag 'NOTHING'
begin | commit | rollback        transaction status       set a=b       a reported setting
notice hello                     a notice                 fail          42601 at position 6
fail after 3                     three rows, then 22012   crash         our bug: RuntimeError
wait                             runs until interrupted   copy in       collects, refuses 'bad' lines
copy out 3                       three lines              deferred      fails at Sync with 23503
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa

from sqlvec.core.errors import (
    BadCopyFileFormat,
    DivisionByZero,
    ForeignKeyViolation,
    InFailedSqlTransaction,
    InvalidCatalogName,
    InvalidCursorName,
    InvalidSqlStatementName,
    Notice,
    QueryCanceled,
    Severity,
    SqlError,
    SqlSyntaxError,
)
from sqlvec.core.idle_limit import IdleLimit
from sqlvec.core.outcome import (
    CopyIn,
    CopyOut,
    Done,
    Empty,
    Outcome,
    ResultColumn,
    Rows,
    StatementDescription,
    TransactionStatus,
)
from sqlvec.core.types.integer import INT4
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.text import TEXT

BATCH = 1000  # rows


class FakeStream:
    """Rows made as they are asked for; counts them, so that a test can see how far we ran ahead."""

    def __init__(self, columns: Sequence[ResultColumn], batches: Iterator[pa.RecordBatch]) -> None:
        self.columns = tuple(columns)
        self.tag: str | None = None
        self.is_closed = False
        self.count = 0
        self._batches = batches
        self._rest: pa.RecordBatch | None = None
        self.limit = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        sent = 0
        self.tag = None
        while (batch := self._rest or next(self._batches, None)) is not None:
            take = batch.num_rows if not self.limit else min(batch.num_rows, self.limit - sent)
            self._rest = batch.slice(take) if take < batch.num_rows else None
            sent += take
            self.count += take
            yield batch.slice(0, take)
            if self.limit and sent == self.limit:
                return
        self.tag = f"SELECT {sent}"

    def close(self) -> None:
        self.is_closed = True


class FakeSink:
    def __init__(self) -> None:
        self.written = bytearray()
        self.aborted: str | None = None

    def write(self, piece: bytes) -> None:
        self.written += piece
        if b"bad" in piece:
            raise BadCopyFileFormat("bad line", where="COPY t, line 1")

    def finish(self) -> str:
        lines = self.written.count(b"\n")
        return f"COPY {lines}"

    def abort(self, reason: str) -> None:
        self.aborted = reason


class FakeSession:
    def __init__(self, backend: FakeBackend, process_id: int, parameters: Mapping[str, str]) -> None:
        self.backend = backend
        self.process_id = process_id
        self.secret_key = 1000 + process_id
        self.status = TransactionStatus.IDLE
        self.output_format = OutputFormat()
        self.idle_limit: IdleLimit | None = None
        self.is_closed = False
        self.interrupted = threading.Event()
        self.sinks: list[FakeSink] = []
        self.streams: list[FakeStream] = []
        self.runs_left_early = 0
        self._settings = {"server_version": "15.0", "client_encoding": "UTF8"}
        if "application_name" in parameters:
            self._settings["application_name"] = parameters["application_name"]
        self._notices: list[Notice] = []
        self._prepared: dict[str, str] = {}
        self._portals: dict[str, tuple[str, tuple[bytes | None, ...], FakeStream | None]] = {}
        self._is_deferred = False

    def on_terminate(self, stop: Callable[[SqlError], object]) -> None:
        self.stop = stop

    def reported_settings(self) -> Mapping[str, str]:
        return self._settings

    def take_notices(self) -> list[Notice]:
        taken, self._notices = self._notices, []
        return taken

    def run_simple(self, sql: str) -> Iterator[Outcome]:
        statements = [piece.strip() for piece in sql.split(";")]
        is_finished = False
        try:
            for statement in filter(None, statements) if any(statements) else [""]:
                yield self._run(statement, ())
            is_finished = True
        finally:
            self.runs_left_early += not is_finished

    def prepare(self, name: str, sql: str, parameter_oids: Sequence[int]) -> None:
        if sql == "fail":
            raise SqlSyntaxError('syntax error at or near "fail"', position=1)
        self._prepared[name] = sql

    def describe_statement(self, name: str) -> StatementDescription:
        sql = self._statement(name)
        oids = (25, 25) if sql == "echo" else ()
        return StatementDescription(oids, self._columns(sql))

    def bind(
        self,
        portal: str,
        statement: str,
        parameters: Sequence[bytes | None],
        parameter_formats: Sequence[int],
    ) -> None:
        self._portals[portal] = (self._statement(statement), tuple(parameters), None)

    def describe_portal(self, portal: str) -> tuple[ResultColumn, ...] | None:
        return self._columns(self._portal(portal)[0])

    def execute(self, portal: str, max_rows: int) -> Outcome:
        sql, parameters, stream = self._portal(portal)
        outcome: Outcome = Rows(stream) if stream is not None else self._run(sql, parameters)
        if isinstance(outcome, Rows):
            assert isinstance(outcome.stream, FakeStream)
            outcome.stream.limit = max_rows
            self._portals[portal] = (sql, parameters, outcome.stream)
        return outcome

    def close_statement(self, name: str) -> None:
        self._prepared.pop(name, None)

    def close_portal(self, name: str) -> None:
        self._portals.pop(name, None)

    def sync(self) -> None:
        if self.status is TransactionStatus.IDLE:
            self._portals.clear()
        if self._is_deferred:
            self._is_deferred = False
            raise ForeignKeyViolation("deferred constraint violated", table="t", constraint="t_fkey")

    def fail(self) -> None:
        if self.status is TransactionStatus.IN_TRANSACTION:
            self.status = TransactionStatus.FAILED

    def close(self) -> None:
        assert not self.is_closed
        self.is_closed = True
        self.backend.closed.put_one()

    def _statement(self, name: str) -> str:
        if name not in self._prepared:
            raise InvalidSqlStatementName(f'prepared statement "{name}" does not exist')
        return self._prepared[name]

    def _portal(self, name: str) -> tuple[str, tuple[bytes | None, ...], FakeStream | None]:
        if name not in self._portals:
            raise InvalidCursorName(f'portal "{name}" does not exist')
        return self._portals[name]

    def _columns(self, sql: str) -> tuple[ResultColumn, ...] | None:
        match sql.split():
            case ["select", *_]:
                return tuple(_literal(word)[0] for word in sql.removeprefix("select ").split(", "))
            case ["echo"]:
                return (ResultColumn("echo", TEXT), ResultColumn("echo", TEXT))
            case ["rows", _, *width]:
                return (ResultColumn("n", TEXT if width else INT4),)
            case _:
                return None

    def _run(self, sql: str, parameters: Sequence[bytes | None]) -> Outcome:
        sql = sql.rstrip(";")  # asyncpg's BEGIN;
        if self.status is TransactionStatus.FAILED and sql != "rollback":
            raise InFailedSqlTransaction(
                "current transaction is aborted, commands ignored until end of transaction block"
            )
        match sql.split():
            case []:
                return Empty()
            case ["begin" | "BEGIN"]:
                self.status = TransactionStatus.IN_TRANSACTION
                return Done("BEGIN")
            case ["commit" | "COMMIT" | "rollback" | "ROLLBACK" as word]:
                self.status = TransactionStatus.IDLE
                return Done(word.upper())
            case ["set", assignment]:
                name, value = assignment.split("=")
                self._settings = {**self._settings, name: value}
                return Done("SET")
            case ["notice", *words]:
                self._notices.append(Notice(" ".join(words), severity=Severity.NOTICE))
                return Done("NOTICE")
            case ["nothing"]:
                return Done("NOTHING")
            case _:
                return self._run_further(sql, parameters)

    def _run_further(self, sql: str, parameters: Sequence[bytes | None]) -> Outcome:
        match sql.split():
            case ["select", *_]:
                return self._select(sql)
            case ["echo"]:
                columns = [ResultColumn("echo", TEXT) for _ in parameters]
                arrays = [pa.array([value and value.decode()], pa.large_string()) for value in parameters]
                return self._rows(columns, iter([_batch(columns, arrays)]))
            case ["rows", count, *width]:
                return self._rows(*_numbers(int(count), int(width[0]) if width else 0))
            case ["fail", "after", count]:
                return self._rows(*_failing(int(count)))
            case ["fail"]:
                raise SqlSyntaxError("syntax error", position=6, detail="This is a detail.", hint="A hint.")
            case ["crash"]:
                raise RuntimeError("a bug")
            case ["wait"]:
                return self._wait()
            case ["copy", "in"]:
                self.sinks.append(FakeSink())
                return CopyIn(2, False, self.sinks[-1])
            case ["copy", "out", count]:
                return CopyOut(2, False, iter([b"a\tb\n"] * int(count)), lambda: f"COPY {count}")
            case ["deferred"]:
                self._is_deferred = True
                return Done("DEFERRED")
            case _:
                raise SqlSyntaxError(f'syntax error at or near "{sql.split()[0]}"', position=1)

    def _select(self, sql: str) -> Outcome:
        literals = [_literal(word) for word in sql.removeprefix("select ").split(", ")]
        columns = [column for column, _ in literals]
        return self._rows(columns, iter([_batch(columns, [array for _, array in literals])]))

    def _rows(self, columns: Sequence[ResultColumn], batches: Iterator[pa.RecordBatch]) -> Rows:
        self.streams.append(FakeStream(columns, batches))
        return Rows(self.streams[-1])

    def _wait(self) -> Outcome:
        self.interrupted.clear()
        self.backend.waiting.release()
        if not self.interrupted.wait(60):
            raise AssertionError("nobody interrupted")
        raise QueryCanceled("canceling statement due to user request")


class Counter:
    """Something that happened, which a test can wait for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.count = 0

    def put_one(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.count >= count, 30)


class FakeBackend:
    """`waiting` is released when a session runs `wait`; `closed` counts the sessions closed."""

    def __init__(self) -> None:
        self.sessions: list[FakeSession] = []
        self.waiting = threading.Semaphore(0)
        self.closed = Counter()
        self._lock = threading.Lock()

    def open_session(self, parameters: Mapping[str, str]) -> FakeSession:
        if parameters.get("database") == "missing":
            raise InvalidCatalogName('database "missing" does not exist')
        with self._lock:
            self.sessions.append(FakeSession(self, len(self.sessions) + 1, parameters))
            return self.sessions[-1]

    def cancel(self, process_id: int, secret_key: int) -> None:
        for session in self.sessions:
            if (session.process_id, session.secret_key) == (process_id, secret_key):
                session.interrupted.set()


def _literal(word: str) -> tuple[ResultColumn, pa.Array]:
    if word == "null":
        return ResultColumn("?column?", TEXT), pa.array([None], TEXT.arrow)
    if word.startswith("'"):
        return ResultColumn("?column?", TEXT), pa.array([word.strip("'")], TEXT.arrow)
    return ResultColumn("?column?", INT4), pa.array([int(word)], INT4.arrow)


def _batch(columns: Sequence[ResultColumn], arrays: Sequence[pa.Array]) -> pa.RecordBatch:
    names = [f"c{number}" for number in range(len(columns))]
    return pa.RecordBatch.from_arrays(list(arrays), names=names)


def _numbers(count: int, width: int) -> tuple[list[ResultColumn], Iterator[pa.RecordBatch]]:
    columns = [ResultColumn("n", TEXT if width else INT4)]

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, count, BATCH):
            numbers = range(start + 1, min(start + BATCH, count) + 1)
            values = [f"{number:0{width}d}" for number in numbers] if width else list(numbers)
            yield _batch(columns, [pa.array(values, columns[0].type.arrow)])

    return columns, batches()


def _failing(count: int) -> tuple[list[ResultColumn], Iterator[pa.RecordBatch]]:
    columns, batches = _numbers(count, 0)

    def then_fail() -> Iterator[pa.RecordBatch]:
        yield from batches
        raise DivisionByZero("division by zero")

    return columns, then_fail()
