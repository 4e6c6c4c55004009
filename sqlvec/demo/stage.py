"""Stage: how the demo shows titles, SQL, rows and times."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from importlib import resources

import psycopg
from rich.console import Console
from rich.text import Text

from sqlvec.shell.render import Rows, highlighted, make_console, print_count, print_rows, print_time

WIDTH = 112  # when stdout is no terminal
_VECTOR = re.compile(r"\[(-?[\d.e-]+),(-?[\d.e-]+),[^\]]{20,}\]")
_LONG_FLOAT = re.compile(r"-?\d+\.\d{5,}(?:e-?\d+)?")


def sql_text(name: str) -> str:
    """One of the demo's statements, as its file has it."""
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8").strip()


class Stage:
    """The console, and the connection the demo talks through."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or make_console(WIDTH)

    def title(self, text: str) -> None:
        self.console.print()
        self.console.rule(Text(text, style="bold"), align="left", style="dim")

    def say(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=False)

    def show(self, sql: str) -> None:
        self.console.print(highlighted(sql))

    def run(
        self, connection: psycopg.Connection, name: str, parameters: Mapping[str, object] | None = None
    ) -> list[dict[str, str | None]]:
        """Prints a statement, runs it, prints rows and time; returns the rows as texts by column name."""
        text = sql_text(name)
        self.show(text)
        started = time.perf_counter()
        cursor = connection.execute(text.encode(), parameters)
        taken = time.perf_counter() - started
        result = cursor.pgresult
        assert result is not None
        if cursor.description is None:
            self.say(cursor.statusmessage or "")
            print_time(self.console, taken)
            return []
        rows = Rows.from_result(result)
        print_rows(self.console, rows.map(shortened))
        print_count(self.console, len(rows.cells))
        print_time(self.console, taken)
        return [dict(zip(rows.names, row, strict=True)) for row in rows.cells]


def shortened(cell: str) -> str:
    """Vectors down to two numbers, distances to four digits."""
    cell = _VECTOR.sub(r"[\1, \2, ...]", cell)
    if cell.startswith("[") or not _LONG_FLOAT.fullmatch(cell):
        return cell
    return f"{float(cell):.4f}"
