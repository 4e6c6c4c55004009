"""SqlProber: one connection that survives every statement, and says what the server did with it."""

from __future__ import annotations

import re
import select
import time
from dataclasses import dataclass

import psycopg
from psycopg import pq
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus

PATIENCE = 20.0  # seconds; statement_timeout should have ended the statement long before
SETTINGS = (
    b"reset all; set statement_timeout = '3s'; set lock_timeout = '3s'; set client_min_messages = error"
)
VARIABLE = re.compile(r"\"[^\"]*\"|'[^']*'|\b\d+\b|0x[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """`code` is None for success, else the SQLSTATE, or 'hang' or 'lost'."""

    code: str | None = None
    message: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.code in ("XX000", "XX001", "XX002", "hang", "lost")

    @property
    def kind(self) -> str:
        """The message without what differs from statement to statement."""
        return f"{self.code}: {VARIABLE.sub('?', self.message)[:200]}"


class SqlProber:
    """Talks through libpq itself: psycopg's own cursors do not survive a COPY that nobody expected."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._connect()

    def ask(self, sql: str, *, is_extended: bool) -> Reply:
        try:
            if is_extended:
                self._connection.send_query_params(sql.encode(), [])
            else:
                self._connection.send_query(sql.encode())
            return self._reply()
        except psycopg.OperationalError as error:
            return Reply("lost", str(error))

    @property
    def is_idle(self) -> bool:
        return self._connection.transaction_status == TransactionStatus.IDLE

    def make_whole(self) -> Reply:
        """Ready for any statement, whatever the last one has done to it."""
        if self._connection.status != ConnStatus.OK:
            self._connect()
        reply = Reply()
        for _ in range(3):
            if self.is_idle:
                break
            reply = self.ask("rollback", is_extended=False)
        else:
            self._connect()
        self.ask(SETTINGS.decode(), is_extended=False)
        return reply

    def close(self) -> None:
        self._connection.finish()

    def _connect(self) -> None:
        self._connection = pq.PGconn.connect(f"{self._uri} connect_timeout=20".encode())
        if self._connection.status != ConnStatus.OK:
            raise psycopg.OperationalError(self._connection.get_error_message())
        self._connection.nonblocking = 1
        self.ask(SETTINGS.decode(), is_extended=False)

    def _reply(self) -> Reply:
        deadline = time.monotonic() + PATIENCE
        reply = Reply()
        while True:
            self._connection.flush()
            while self._connection.is_busy():
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([self._connection.socket], [], [], left)[0]:
                    self._connection.finish()
                    return Reply("hang", f"no answer after {PATIENCE} s")
                self._connection.consume_input()
            result = self._connection.get_result()
            if result is None:
                return reply
            self._follow_copy(result.status)
            if result.status == ExecStatus.FATAL_ERROR:
                code = result.error_field(DiagnosticField.SQLSTATE)
                message = result.error_field(DiagnosticField.MESSAGE_PRIMARY) or result.error_message
                # A FATAL message may come with a code of its own (57P01): it counts as an answer.
                reply = Reply(code.decode() if code else "lost", message.decode(errors="replace"))

    def _follow_copy(self, status: int) -> None:
        if status == ExecStatus.COPY_IN:
            self._connection.put_copy_end(b"no rows from here")
        elif status == ExecStatus.COPY_OUT:
            length = 1
            while length >= 0:
                if length == 0:
                    select.select([self._connection.socket], [], [], PATIENCE)
                    self._connection.consume_input()
                length, _ = self._connection.get_copy_data(1)
