"""Database: an opened directory (or memory) and connections to it, without a socket."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlvec.core.errors import SqlError
from sqlvec.core.outcome import CopyIn, CopyOut, Done, Outcome, Rows
from sqlvec.core.types.text import UNKNOWN
from sqlvec.core.types.values import from_python
from sqlvec.engine.engine import Engine
from sqlvec.engine.session import Session
from sqlvec.storage.directory import DataDirectory

from .result import Result

MEMORY = ":memory:"


class Database:
    """One database, opened by this process alone. Threads may share it, each with its own connection."""

    def __init__(
        self,
        path: str | Path = MEMORY,
        *,
        threads: int | None = None,
        memory_limit: int | None = None,
        max_connections: int = 100,
    ) -> None:
        name = "postgres"
        self.path = None if str(path) == MEMORY else Path(path)
        self._directory = DataDirectory(self.path) if self.path is not None else None
        try:
            self.engine = Engine(
                self._directory.database_file(name) if self._directory else None,
                self._directory.index_folder(name) if self._directory else None,
                name=name,
                threads=threads,
                memory_limit=f"{memory_limit}B" if memory_limit else None,
                max_connections=max_connections,
            )
        except BaseException:
            if self._directory is not None:
                self._directory.close()
            raise
        # Also runs when the interpreter exits, so that a forgotten close loses no unsaved index.
        self._finalizer = weakref.finalize(self, _close, self.engine, self._directory)

    def connect(self, user: str = "postgres") -> Connection:
        """A connection to this database; closing it leaves the database open."""
        return Connection(self, owns_database=False, user=user)

    def close(self) -> None:
        """Roll back what is open, save indexes, release the directory. Closing twice is harmless."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Connection:
    """Runs SQL. Not for use by several threads at once."""

    def __init__(self, database: Database, *, owns_database: bool, user: str = "postgres") -> None:
        self.database = database
        self._owns_database = owns_database
        self._session: Session = database.engine.open_session({"user": user, "database": "postgres"})

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Result:
        """Run one statement with values for $1, $2 ... or several without; gives the last result.

        Raises SqlError with the SQLSTATE that a client over the wire would get.
        """
        try:
            if not params:
                result = Result.empty()
                for outcome in self._session.run_simple(sql):
                    result = _collect(outcome)
                return result
            return self._execute_with(sql, params)
        except SqlError:
            self._session.fail()
            raise

    def _execute_with(self, sql: str, params: Sequence[Any]) -> Result:
        kinds, arrays = zip(*(from_python(value) for value in params), strict=True)
        session = self._session
        session.prepare("", sql, [0 if kind is UNKNOWN else kind.oid for kind in kinds])
        raw = [
            given.text.encode(array, session.output_format)[0].as_py()
            for given, array in zip(kinds, arrays, strict=True)
        ]
        session.bind("", "", raw, ())
        result = _collect(session.execute("", 0))
        session.sync()
        return result

    def notices(self) -> list[str]:
        """Messages of NOTICE and WARNING since the last call."""
        return [notice.message for notice in self._session.take_notices()]

    def close(self) -> None:
        """Roll back an open transaction and end; closes the database too when connect() opened it."""
        self._session.close()
        if self._owns_database:
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(path: str | Path = MEMORY, **options: Any) -> Connection:
    """Open a database directory, or a new one in memory, and connect to it."""
    return Connection(Database(path, **options), owns_database=True)


def _close(engine: Engine, directory: DataDirectory | None) -> None:
    engine.close()
    if directory is not None:
        directory.close()


def _collect(outcome: Outcome) -> Result:
    match outcome:
        case Rows(stream=stream):
            batches = list(stream)
            return Result(stream.columns, batches, stream.tag or "")
        case Done(tag=tag):
            return Result((), [], tag)
        case CopyIn() | CopyOut():
            raise SqlError("COPY FROM STDIN and TO STDOUT need a client; use the wire protocol")
        case _:
            return Result.empty()
