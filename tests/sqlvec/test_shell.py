from __future__ import annotations

import io

import pytest
from rich.console import Console

from sqlvec.shell.lexing import read_statements
from sqlvec.shell.render import Rows, print_rows


@pytest.mark.parametrize(
    ("text", "statements", "waits_for"),
    [
        ("", (), "="),
        ("select 1;", ("select 1;",), "="),
        ("select 1; select 2;", ("select 1;", "select 2;"), "="),
        ("select 1; select", ("select 1;",), "-"),
        ("select ';'", (), "-"),
        ("select ';", (), "'"),
        ("select 'it''s;'; x", ("select 'it''s;';",), "-"),
        (r"select e'\';';", (r"select e'\';';",), "="),
        (r"select '\';", (r"select '\';",), "="),
        ('select ";', (), '"'),
        ("select (1;", (), "("),
        ("select $$;$$;", ("select $$;$$;",), "="),
        ("select $a$;$$;$a$;", ("select $a$;$$;$a$;",), "="),
        ("select $a$;$$;", (), "$"),
        ("execute x($1);", ("execute x($1);",), "="),
        ("select 1 -- ;\n;", ("select 1 -- ;\n;",), "="),
        ("select /* ; /* ; */ ; */ 1;", ("select /* ; /* ; */ ; */ 1;",), "="),
        ("select /* ; /* ; */ ;", (), "*"),
    ],
)
def test_statements_end_at_semicolons_that_mean_it(text: str, statements: tuple[str, ...], waits_for: str):
    reading = read_statements(text)
    assert (reading.statements, reading.waits_for) == (statements, waits_for)


def shown(rows: Rows, *, is_expanded: bool = False) -> str:
    console = Console(file=io.StringIO(), width=60)
    print_rows(console, rows, is_expanded=is_expanded)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def test_numbers_stand_to_the_right():
    rows = Rows(("n", "name"), (23, 25), [["1", "a"], ["10", None]])
    assert shown(rows).splitlines()[-2:] == [" 1   a", "10"]


def test_square_brackets_are_no_markup():
    assert "[red]x" in shown(Rows(("v",), (25,), [["[red]x"]]))


def test_expanded_shows_a_line_per_column():
    rows = Rows(("id", "name"), (23, 25), [["1", "a"]])
    assert shown(rows, is_expanded=True).splitlines() == ["-[ RECORD 1 ]", "id   | 1", "name | a"]


def test_plans_are_plain_lines():
    assert shown(Rows(("QUERY PLAN",), (25,), [["Limit"], ["  ->  Scan"]])) == "Limit\n  ->  Scan"
