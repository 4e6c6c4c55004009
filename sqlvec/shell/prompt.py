"""Prompt: reads statements, runs them, shows what comes back."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import ExecStatus, TransactionStatus
from rich.console import Console
from rich.text import Text

from .commands import run_command
from .lexing import read_statements
from .render import Rows, make_console, print_count, print_error, print_notice, print_rows, print_time

HISTORY = Path("~/.sqlvec_history")
HISTORY_LINES = 10_000

# libpq would look for a Unix socket and a database named after the user.
DEFAULTS = {
    "host": ("PGHOST", "127.0.0.1"),
    "user": ("PGUSER", "postgres"),
    "dbname": ("PGDATABASE", "postgres"),
}

_STATUS_SIGN = {TransactionStatus.INTRANS: "*", TransactionStatus.INERROR: "!"}


def run_shell(conninfo: str, commands: Sequence[str] = ()) -> int:
    """Connects and runs `commands`, or what stdin holds, or a prompt. Returns the exit code."""
    console = make_console()
    try:
        connection = psycopg.connect(_with_defaults(conninfo), autocommit=True)
    except psycopg.Error as error:
        print(f"sqlvec: {str(error).strip()}", file=sys.stderr)
        return 2  # as psql
    with connection:
        shell = Shell(connection, console)
        if commands:
            return 0 if all([shell.run_text(command) for command in commands]) else 1
        if not sys.stdin.isatty():
            return 0 if shell.run_text(sys.stdin.read()) else 1
        shell.greet()
        return shell.loop()


def _with_defaults(conninfo: str) -> str:
    given = conninfo_to_dict(conninfo)
    missing = {
        key: value
        for key, (variable, value) in DEFAULTS.items()
        if key not in given and variable not in os.environ and "service" not in given
    }
    return make_conninfo(conninfo, **missing)


class Shell:
    """One connection and how its results are shown."""

    def __init__(self, connection: psycopg.Connection, console: Console) -> None:
        self.connection = connection
        self.console = console
        self.is_timing = False
        self.is_expanded = False
        self.has_ended = False
        connection.add_notice_handler(lambda diagnostic: print_notice(console, diagnostic))

    def greet(self) -> None:
        version = self.connection.info.parameter_status("server_version") or "?"
        self.console.print(f'sqlvec shell, server {version}. Type "\\?" for help, "\\q" to leave.\n')

    def loop(self) -> int:
        r"""Prompts until \q or Ctrl-D."""
        with _History():
            text = ""
            waits_for = "="
            while not self.has_ended:
                try:
                    text += input(self._prompt(waits_for)) + "\n"
                except EOFError:
                    self.console.print("\\q")
                    break
                except KeyboardInterrupt:  # as psql: drop what has been typed
                    print()
                    text, waits_for = "", "="
                    continue
                text, waits_for = self._take(text)
        return 0 if not self.connection.closed else 2

    def _prompt(self, waits_for: str) -> str:
        sign = _STATUS_SIGN.get(self.connection.info.transaction_status, "")
        return f"{self.connection.info.dbname}{waits_for}{sign}> "

    def _take(self, text: str) -> tuple[str, str]:
        if text.lstrip().startswith("\\"):
            self._run_command(text)
            return "", "="
        reading = read_statements(text)
        for statement in reading.statements:
            self.run_statement(statement)
        return reading.rest, reading.waits_for

    def run_text(self, text: str) -> bool:
        """Runs a script: SQL with lines of backslash commands between. False if any of it failed."""
        is_fine = True
        pending = ""
        for line in text.splitlines(keepends=True):
            if not pending.strip() and line.lstrip().startswith("\\"):
                is_fine &= self._run_command(line)
                pending = ""
            else:
                pending += line
                reading = read_statements(pending)
                is_fine &= self._run_all(reading.statements)
                pending = reading.rest
            if self.has_ended:
                return is_fine
        return is_fine & self._run_all([pending] if pending.strip() else [])

    def _run_all(self, statements: Iterable[str]) -> bool:
        return all([self.run_statement(statement) for statement in statements])

    def _run_command(self, line: str) -> bool:
        try:
            return run_command(self, line)
        except psycopg.Error as error:
            print_error(self.console, error)
            return False

    def run_statement(self, statement: str) -> bool:
        """Runs one statement and shows its results; False if it failed or was cancelled."""
        started = time.perf_counter()
        try:
            cursor = self.connection.cursor()
            # Text, not a literal: it is the user's own statement, sent as it is.
            cursor.execute(statement.encode(), prepare=False)
            taken = time.perf_counter() - started
            self._show(cursor)
        except KeyboardInterrupt:  # psycopg has sent the cancel request and read the answer
            self.console.print(Text("Cancelled.", style="yellow"))
            return False
        except psycopg.Error as error:
            taken = time.perf_counter() - started
            print_error(self.console, error, statement)
            if self.is_timing:
                print_time(self.console, taken)
            self.has_ended = self.has_ended or self.connection.closed
            return False
        if self.is_timing:
            print_time(self.console, taken)
        return True

    def _show(self, cursor: psycopg.Cursor) -> None:
        while True:
            result = cursor.pgresult
            if result is not None and result.status == ExecStatus.TUPLES_OK:
                print_rows(self.console, Rows.from_result(result), is_expanded=self.is_expanded)
                print_count(self.console, result.ntuples)
            elif cursor.statusmessage:
                self.console.print(cursor.statusmessage)
            if not cursor.nextset():
                return


class _History:
    """Lines typed before, across sessions; nothing where readline is missing."""

    def __enter__(self) -> None:
        try:
            import readline  # missing on Windows
        except ImportError:
            return
        try:
            readline.read_history_file(HISTORY.expanduser())
        except OSError:  # first time, or a home without permission: begin empty
            readline.clear_history()

    def __exit__(self, *_: object) -> None:
        try:
            import readline
        except ImportError:
            return
        readline.set_history_length(HISTORY_LINES)
        try:
            readline.write_history_file(HISTORY.expanduser())
        except OSError as error:
            print(f"sqlvec: history not saved: {error}", file=sys.stderr)
