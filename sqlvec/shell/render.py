"""Render: results, notices, errors and SQL for the terminal. Shared with the demo."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import psycopg
from rich import box
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

RIGHT_ALIGNED = frozenset({20, 21, 23, 26, 700, 701, 790, 1700})  # OIDs of the numbers
PLAIN_WIDTH = 160  # columns when stdout is no terminal: rich would take 80 and fold
MAX_TABLE_ROWS = 2000  # rich measures every cell; larger results are printed tab-separated


def make_console(width: int | None = None) -> Console:
    """A console that keeps its width when it is piped to a file."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return Console(highlight=False)
    return Console(highlight=False, width=width or PLAIN_WIDTH)


class Rows:
    """A result as the server wrote it: text per cell, None for NULL."""

    def __init__(
        self, names: Sequence[str], oids: Sequence[int], cells: Sequence[Sequence[str | None]]
    ) -> None:
        self.names = tuple(names)
        self.oids = tuple(oids)
        self.cells = cells

    @classmethod
    def from_result(cls, result: psycopg.pq.abc.PGresult, encoding: str = "utf-8") -> Rows:
        width = range(result.nfields)

        def cell(row: int, column: int) -> str | None:
            value = result.get_value(row, column)
            return None if value is None else value.decode(encoding, "replace")

        cells = [[cell(row, column) for column in width] for row in range(result.ntuples)]
        names = [(result.fname(column) or b"").decode(encoding, "replace") for column in width]
        return cls(names, [result.ftype(column) for column in width], cells)

    def map(self, change: Callable[[str], str]) -> Rows:
        """The same rows with every cell changed, NULL left alone."""
        return Rows(
            self.names, self.oids, [[c if c is None else change(c) for c in row] for row in self.cells]
        )


def as_table(rows: Rows) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for name, oid in zip(rows.names, rows.oids, strict=True):
        table.add_column(Text(name), justify="right" if oid in RIGHT_ALIGNED else "left", overflow="fold")
    for row in rows.cells:
        table.add_row(*(Text("") if cell is None else Text(cell) for cell in row))
    return table


def print_rows(console: Console, rows: Rows, *, is_expanded: bool = False) -> None:
    if is_expanded:
        _print_expanded(console, rows)
    elif rows.names == ("QUERY PLAN",):
        for row in rows.cells:
            console.print(Text(row[0] or ""), soft_wrap=True)
    elif len(rows.cells) > MAX_TABLE_ROWS:
        for row in (rows.names, *rows.cells):
            console.file.write("\t".join(cell or "" for cell in row) + "\n")
    else:
        console.print(as_table(rows))


def _print_expanded(console: Console, rows: Rows) -> None:
    width = max(map(len, rows.names), default=0)
    for number, row in enumerate(rows.cells, 1):
        console.print(Text(f"-[ RECORD {number} ]", style="dim"))
        for name, cell in zip(rows.names, row, strict=True):
            console.print(Text(name.ljust(width), style="bold"), Text("|", style="dim"), Text(cell or ""))


def print_count(console: Console, count: int) -> None:
    console.print(Text(f"({count} row{'' if count == 1 else 's'})", style="dim"))


def print_time(console: Console, seconds: float) -> None:
    console.print(Text(f"Time: {seconds * 1000:.3f} ms", style="dim"))


def highlighted(sql: str) -> Syntax:
    return Syntax(sql, "postgresql", theme="ansi_dark", background_color="default", word_wrap=True)


def print_error(console: Console, error: psycopg.Error, sql: str = "") -> None:
    """An error as psql shows it, with the line and a caret under the place."""
    diagnostic = error.diag
    if diagnostic.message_primary is None:  # the client library's own, e.g. a lost connection
        console.print(Text(str(error).strip() or type(error).__name__, style="red"))
        return
    title = f"{diagnostic.severity}:  {diagnostic.sqlstate}: {diagnostic.message_primary}"
    console.print(Text(title, style="red"), soft_wrap=True)
    if diagnostic.statement_position and sql:
        console.print(Text(_pointer(sql, int(diagnostic.statement_position))), soft_wrap=True)
    _print_more(console, diagnostic)


def print_notice(console: Console, diagnostic: Diagnostic) -> None:
    title = f"{diagnostic.severity}:  {diagnostic.message_primary}"
    console.print(Text(title, style="yellow"), soft_wrap=True)
    _print_more(console, diagnostic)


def _print_more(console: Console, diagnostic: Diagnostic) -> None:
    for label, text in (("DETAIL", diagnostic.message_detail), ("HINT", diagnostic.message_hint)):
        if text:
            console.print(Text(f"{label}:  {text}"), soft_wrap=True)


def _pointer(sql: str, position: int) -> str:
    offset = min(position - 1, len(sql))  # the server counts from 1
    start = sql.rfind("\n", 0, offset) + 1
    end = sql.find("\n", offset)
    line = sql[start : end if end >= 0 else len(sql)].replace("\t", " ")
    label = f"LINE {sql.count(chr(10), 0, offset) + 1}: "
    return f"{label}{line}\n{' ' * (len(label) + offset - start)}^"
