"""What the wire needs from a database, as Protocols; the engine satisfies them structurally.

All calls may block (they search, they read disk): the transport runs them in worker threads. A session
is used by one thread at a time. Every call may raise SqlError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from sqlvec.core.errors import Notice, SqlError
from sqlvec.core.idle_limit import IdleLimit
from sqlvec.core.outcome import Outcome, ResultColumn, StatementDescription, TransactionStatus
from sqlvec.core.types.output_format import OutputFormat


class Session(Protocol):
    """One client's conversation with one database."""

    @property
    def process_id(self) -> int: ...

    @property
    def secret_key(self) -> int: ...

    @property
    def status(self) -> TransactionStatus: ...

    @property
    def output_format(self) -> OutputFormat: ...

    @property
    def idle_limit(self) -> IdleLimit | None:
        """How long the client may keep us waiting for its next statement; None for ever."""
        ...

    def on_terminate(self, stop: Callable[[SqlError], object]) -> None:
        """`stop` ends the connection with this error; callable from any thread."""
        ...

    def reported_settings(self) -> Mapping[str, str]:
        """Every setting that is told as ParameterStatus, in PostgreSQL's order, with its value now."""
        ...

    def take_notices(self) -> list[Notice]:
        """The notices since the last call."""
        ...

    def run_simple(self, sql: str) -> Iterator[Outcome]:
        """Run the statements of one Query message; each outcome must be consumed before the next.

        Transactions are delimited as PostgreSQL does: several statements share one implicit
        transaction; it is committed before the iterator ends, rolled back when it raises.
        """
        ...

    def prepare(self, name: str, sql: str, parameter_oids: Sequence[int]) -> None: ...

    def describe_statement(self, name: str) -> StatementDescription: ...

    def bind(
        self,
        portal: str,
        statement: str,
        parameters: Sequence[bytes | None],
        parameter_formats: Sequence[int],
    ) -> None:
        """`parameter_formats`: none (all text), one for all, or one each; 0 text, 1 binary."""
        ...

    def describe_portal(self, portal: str) -> tuple[ResultColumn, ...] | None: ...

    def execute(self, portal: str, max_rows: int) -> Outcome:
        """Run a portal, or go on with a suspended one; `max_rows` 0 means all."""
        ...

    def close_statement(self, name: str) -> None: ...

    def close_portal(self, name: str) -> None: ...

    def sync(self) -> None:
        """The client's Sync: commit the implicit transaction, or roll it back if it failed."""
        ...

    def fail(self) -> None:
        """An error was reported for the message at hand: mark the transaction failed, if there is one."""
        ...

    def close(self) -> None: ...


class Backend(Protocol):
    """A database server's inside."""

    def open_session(self, parameters: Mapping[str, str]) -> Session:
        """Start a session from the start-up packet's parameters ('user', 'database', settings).

        Raises 3D000 for an unknown database, 53300 when full, 22023 for a bad setting.
        """
        ...

    def cancel(self, process_id: int, secret_key: int) -> None:
        """Interrupt what that session runs now; a wrong key is ignored, as PostgreSQL does."""
        ...
