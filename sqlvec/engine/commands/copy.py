"""COPY FROM STDIN and COPY TO STDOUT."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from sqlvec.core.errors import (
    DuplicateColumn,
    FeatureNotSupported,
    GeneratedAlways,
    InsufficientPrivilege,
    SqlError,
    UndefinedColumn,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.outcome import CopyIn, CopyOut, Outcome, ResultColumn, Rows
from sqlvec.core.schema import Column, Table
from sqlvec.planner import statements as st
from sqlvec.planner.bind.scope import ScopeColumn
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import InsertPlan, plan_copy

from ..copy import CopyReader, make_reader, make_writer
from ..locks.modes import Mode
from ..modify.enforcement import Enforcement
from ..modify.writer import RowWriter
from ..prepared import Prepared
from ..rows import Stream
from ..session import Session
from ..values import ParameterValues
from .hidden_details import hide_details
from .relation_lock import lock_named

_SOURCE = "sqlvec_copy"


def run(session: Session, prepared: Prepared, values: ParameterValues) -> Outcome:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Copy)
    if statement.file is not None:
        raise InsufficientPrivilege(
            "COPY with a server-side file or program is not allowed",
            hint="Use COPY FROM STDIN or COPY TO STDOUT; psql's \\copy does so.",
        )
    if statement.direction == "from":
        return _copy_in(session, statement)
    return _copy_out(session, statement, values, prepared)


def _copy_in(session: Session, statement: st.Copy) -> CopyIn:
    assert statement.table is not None
    lock_named(session, [statement.table], Mode.ROW_EXCLUSIVE)
    table = _table(session, statement)
    if statement.where is not None:
        raise FeatureNotSupported("COPY FROM with WHERE is not supported")
    if session.catalog.is_guarded(table, None):
        raise FeatureNotSupported(
            "COPY FROM not supported with row-level security", hint="Use INSERT statements instead."
        )
    columns = _columns(table, statement.columns)
    reader = make_reader(statement.options, [(c.name, c.type) for c in columns], table.name)
    session.transaction.begin_writing()
    sink = _Sink(session, table, columns, reader)
    return CopyIn(len(columns), statement.options.format == "binary", sink)


def _table(session: Session, statement: st.Copy) -> Table:
    assert statement.table is not None
    found = session.catalog.relation(statement.table.schema, statement.table.name)
    if found is None:
        shown = (
            f"{statement.table.schema}.{statement.table.name}"
            if statement.table.schema
            else statement.table.name
        )
        raise UndefinedTable(f'relation "{shown}" does not exist')
    if not isinstance(found, Table):
        verb = "to" if statement.direction == "from" else "from"
        raise WrongObjectType(
            f'cannot copy {verb} view "{statement.table.name}"',
            hint="Try the COPY (SELECT ...) TO variant." if verb == "from" else None,
        )
    return found


def _columns(table: Table, names: tuple[str, ...]) -> list[Column]:
    if not names:
        return [column for column in table.columns if column.generated is None]
    found: list[Column] = []
    for name in names:
        column = table.column(name)
        if column is None:
            raise UndefinedColumn(f'column "{name}" of relation "{table.name}" does not exist')
        if column.generated is not None:
            raise GeneratedAlways(
                f'column "{name}" is a generated column', detail="Generated columns cannot be used in COPY."
            )
        if column in found:
            raise DuplicateColumn(f'column "{name}" specified more than once')
        found.append(column)
    return found


class _Sink:
    """Implements outcome.CopySink: decodes, checks and writes block by block in one transaction."""

    def __init__(self, session: Session, table: Table, columns: list[Column], reader: CopyReader) -> None:
        self._session = session
        self._table = table
        self._columns = columns
        self._reader = reader
        self._plans: dict[pa.Schema, InsertPlan] = {}
        self._count = 0
        self._enforcement = Enforcement(session.transaction, session.catalog)

    def write(self, piece: bytes) -> None:
        self._session.check_cancelled()
        with self._session.zone():
            for batch in self._reader.feed(piece):
                self._insert(batch)

    def finish(self) -> str:
        with self._session.zone():
            for batch in self._reader.finish():
                self._insert(batch)
            self._enforcement.run()
        return f"COPY {self._count}"

    def abort(self, reason: str) -> None:
        """The wire reports the failure and calls session.fail(), which rolls back."""

    def _insert(self, batch: pa.RecordBatch) -> None:
        rows = pa.Table.from_batches([batch])
        plan = self._plan(rows.schema)
        writer = RowWriter(self._session.transaction, self._table, plan.rules, self._enforcement.changes)
        try:
            rows = self._converted(plan, rows)
            numbers = {name: self._session.sequences.next(oid, rows.num_rows) for name, oid in plan.sequences}
            rows = writer.complete(rows, plan.sequences, numbers)
            writer.check(rows)
            writer.insert(rows)
        except SqlError as error:
            hide_details(self._session, error)
            error.where = (
                error.where
                or f"COPY {self._table.name}, lines {self._count + 1} to {self._count + len(batch)}"
            )
            raise
        self._count += len(batch)

    def _plan(self, schema: pa.Schema) -> InsertPlan:
        plan = self._plans.get(schema)
        if plan is None:
            given = tuple(
                ScopeColumn(c.name, c.type, _dimensions(field.type))
                for c, field in zip(self._columns, schema, strict=True)
            )
            plan = self._plans[schema] = plan_copy(self._session.catalog, self._table, given, _SOURCE)
        return plan

    def _converted(self, plan: InsertPlan, rows: pa.Table) -> pa.Table:
        """Defaults and assignment casts; rows that need none go on as they are."""
        items = plan.source.expressions
        if all(isinstance(item.this, exp.Column) for item in items):
            return rows.select([item.alias for item in items])
        with self._session.cursor.registered({_SOURCE: rows}):
            return self._session.cursor.table(sql_of(plan.source))


def _dimensions(kind: pa.DataType) -> int:
    """Vectors of one length need no check per row."""
    return int(kind.list_size) if pa.types.is_fixed_size_list(kind) else -1


def _copy_out(session: Session, statement: st.Copy, values: ParameterValues, prepared: Prepared) -> CopyOut:
    stream = _stream(session, statement, values, prepared)
    columns: tuple[ResultColumn, ...] = stream.columns
    writer = make_writer(statement.options, [(c.name, c.type) for c in columns], session.output_format)

    def pieces() -> Iterator[bytes]:
        header = writer.header()
        if header:
            yield header
        for batch in stream:
            yield from writer.encode(batch.rename_columns([c.name for c in columns]))
        trailer = writer.trailer()
        if trailer:
            yield trailer

    def tag() -> str:
        return f"COPY {(stream.tag or 'SELECT 0').rsplit(' ', 1)[-1]}"

    return CopyOut(len(columns), statement.options.format == "binary", pieces(), tag)


def _stream(session: Session, statement: st.Copy, values: ParameterValues, prepared: Prepared) -> Stream:
    inner: st.Statement
    if statement.query is not None:
        inner = statement.query
    else:
        table = _table(session, statement)
        names = [column.name for column in _columns(table, statement.columns)]
        source = exp.Table(this=_quoted(table.name), db=_quoted(table.schema))
        inner = st.Query(exp.select(*(exp.column(_quoted(name)) for name in names)).from_(source))
    parsed = st.ParsedStatement(inner, prepared.parsed.text, 0, prepared.parsed.parameter_count)
    outcome = session.run(Prepared(parsed, prepared.sql, session.catalog), values)
    if not isinstance(outcome, Rows):
        raise FeatureNotSupported("COPY query must have a RETURNING clause")
    assert isinstance(outcome.stream, Stream)
    return outcome.stream


def _quoted(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)
