"""Commands: what begins with a backslash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from rich.console import Console
from rich.text import Text

from . import catalog_queries
from .render import Rows, as_table


class Shell(Protocol):
    """What a command may touch of the running shell."""

    connection: psycopg.Connection
    console: Console
    is_timing: bool
    is_expanded: bool
    has_ended: bool

    def run_text(self, text: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Command:
    """One backslash command and its line in the help."""

    name: str
    argument: str
    run: Callable[[Shell, str], None]
    doc: str


def run_command(shell: Shell, line: str) -> bool:
    r"""Runs a line such as `\d packages`; False if it failed."""
    name, _, argument = line.strip().removeprefix("\\").partition(" ")
    name = name.rstrip(";")
    command = _BY_NAME.get(name)
    if command is None:
        shell.console.print(Text(f"invalid command \\{name}; try \\? for help", style="red"))
        return False
    try:
        command.run(shell, argument.strip().rstrip(";"))
    except (OSError, UnicodeDecodeError) as error:
        shell.console.print(Text(str(error), style="red"))
        return False
    return True


def _quit(shell: Shell, argument: str) -> None:
    shell.has_ended = True


def _help(shell: Shell, argument: str) -> None:
    for command in COMMANDS:
        shell.console.print(Text(f"  \\{command.name} {command.argument}".ljust(16) + command.doc))
    shell.console.print(Text("  anything else is SQL, up to a semicolon; Ctrl-C cancels it"))


def _timing(shell: Shell, argument: str) -> None:
    shell.is_timing = _switch(argument, shell.is_timing)
    shell.console.print(f"Timing is {'on' if shell.is_timing else 'off'}.")


def _expanded(shell: Shell, argument: str) -> None:
    shell.is_expanded = _switch(argument, shell.is_expanded)
    shell.console.print(f"Expanded display is {'on' if shell.is_expanded else 'off'}.")


def _switch(argument: str, current: bool) -> bool:  # noqa: FBT001  # the state to flip, not a mode
    return {"on": True, "off": False}.get(argument, not current)


def _describe(shell: Shell, argument: str) -> None:
    if not argument:
        _list_relations(shell, "'r', 'v', 'S'")
        return
    schema, _, name = argument.rpartition(".")
    # As PostgreSQL folds names: quoted ones stay as they are.
    name = name[1:-1] if name.startswith('"') else name.lower()
    parameters = {"name": name, "schema": schema or None}
    columns = _ask(shell, catalog_queries.COLUMNS, parameters)
    if not columns.cells:
        shell.console.print(Text(f'Did not find any relation named "{argument}".', style="red"))
        return
    shell.console.print(as_table(columns))
    indexes = _ask(shell, catalog_queries.INDEXES, parameters)
    if indexes.cells:
        shell.console.print(as_table(indexes))


def _list_relations(shell: Shell, kinds: str) -> None:
    rows = _ask(shell, catalog_queries.TABLES.format(kinds=kinds), {})
    shell.console.print(as_table(rows) if rows.cells else "Did not find any relations.")


def _databases(shell: Shell, argument: str) -> None:
    shell.console.print(as_table(_ask(shell, catalog_queries.DATABASES, {})))


def _connection(shell: Shell, argument: str) -> None:
    place = shell.connection.info
    shell.console.print(
        f'Database "{place.dbname}", user "{place.user}", host "{place.host}", port "{place.port}".'
    )


def _include(shell: Shell, argument: str) -> None:
    shell.run_text(Path(argument).expanduser().read_text(encoding="utf-8"))


def _ask(shell: Shell, query: str, parameters: Mapping[str, str | None]) -> Rows:
    # The text is ours (this package's constants), hence SQL() of a variable.
    cursor = shell.connection.execute(sql.SQL(query), parameters or None)
    assert cursor.pgresult is not None
    return Rows.from_result(cursor.pgresult)


COMMANDS = (
    Command("?", "", _help, "this list"),
    Command("q", "", _quit, "leave"),
    Command("d", "[NAME]", _describe, "columns and indexes of a table, or all relations"),
    Command("dt", "", lambda shell, _: _list_relations(shell, "'r'"), "tables"),
    Command("di", "", lambda shell, _: _list_relations(shell, "'i'"), "indexes"),
    Command("dv", "", lambda shell, _: _list_relations(shell, "'v'"), "views"),
    Command("l", "", _databases, "databases"),
    Command("i", "FILE", _include, "run a file"),
    Command("timing", "[on|off]", _timing, "show how long each statement took"),
    Command("x", "[on|off]", _expanded, "one line per column"),
    Command("conninfo", "", _connection, "where we are connected to"),
)
_BY_NAME = {command.name: command for command in COMMANDS}
