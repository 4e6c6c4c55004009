"""DuckDB: the connection to one database file, locked down, and the one border of its exceptions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from .batch_size import batch_rows
from .duck_errors import translate

# duckdb wants a relation for a copy-free Arrow result, but relations cannot take parameters.
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")

# No SQL text may reach the file system, the network or extensions (DESIGN section 8). The configuration
# itself stays open, since sessions set their TimeZone; clients' SET never gets here.
_LOCKED = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "true",
}

Parameters = Mapping[str, Any] | Sequence[Any] | None


class Cursor:
    """One DuckDB connection: statements in, Arrow out, SqlError on failure. Used by one thread at a time."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self._raw = raw

    def run(self, sql: str, parameters: Parameters = None) -> None:
        with duckdb_errors():
            self._raw.execute(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        with duckdb_errors():
            return self._raw.execute(sql, parameters).fetchall()  # type: ignore[no-any-return]

    def table(self, sql: str, parameters: Parameters = None) -> pa.Table:
        with duckdb_errors():
            self._raw.execute(sql, parameters)
            return self._raw.to_arrow_table(batch_rows(self._raw.description))

    def batches(self, sql: str, parameters: Parameters = None) -> pa.RecordBatchReader:
        """Stream the result; the cursor is busy until the reader ends."""
        with duckdb_errors():
            self._raw.execute(sql, parameters)
            return self._raw.to_arrow_reader(batch_rows(self._raw.description))

    def numpy(self, sql: str, parameters: Parameters = None) -> dict[str, Any]:
        with duckdb_errors():
            return self._raw.execute(sql, parameters).fetchnumpy()  # type: ignore[no-any-return]

    def register(self, name: str, table: object) -> None:
        """Let SQL on this cursor read an Arrow table under a name."""
        with duckdb_errors():
            self._raw.register(name, table)

    def unregister(self, name: str) -> None:
        self._forget(name)

    def _forget(self, name: str) -> None:
        """Unregister; in an aborted transaction the name stays until it is registered again."""
        with suppress(duckdb.Error):
            self._raw.unregister(name)

    @contextmanager
    def registered(self, tables: Mapping[str, object]) -> Iterator[None]:
        for name, table in tables.items():
            self.register(name, table)
        try:
            yield
        finally:
            for name in tables:
                self._forget(name)

    def interrupt(self) -> None:
        """Stop what runs now; callable from any thread."""
        self._raw.interrupt()

    def close(self) -> None:
        self._raw.close()


class Duck:
    """One open database file (or ':memory:')."""

    def __init__(
        self, path: Path | None, *, threads: int | None = None, memory_limit: str | None = None
    ) -> None:
        config: dict[str, str | int] = dict(_LOCKED)
        if threads:
            config["threads"] = threads
        if memory_limit:
            config["memory_limit"] = memory_limit
        if path is None:
            config["temp_directory"] = ""
        with duckdb_errors():
            self._root = duckdb.connect(str(path) if path else ":memory:", config=config)
        self._root.execute("SET TimeZone = 'UTC'")
        # BEGIN takes the snapshot, not the first statement behind it: see Transaction.open_view.
        self._root.execute("SET GLOBAL immediate_transaction_mode = true")

    def create_function(
        self, name: str, function: object, parameters: list[str], result: str, *, side_effects: bool = False
    ) -> None:
        """Make an Arrow function callable from SQL on every cursor. NULLs are passed in."""
        self._root.create_function(
            name,
            function,
            parameters,
            result,
            type="arrow",
            null_handling="special",
            side_effects=side_effects,
        )

    def cursor(self) -> Cursor:
        with duckdb_errors():
            return Cursor(self._root.cursor())

    def close(self) -> None:
        with duckdb_errors():
            self._root.close()


@contextmanager
def duckdb_errors() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise translate(error) from error
    except pa.ArrowException as error:  # raised while a reader pulls from DuckDB
        raise translate(error) from error
