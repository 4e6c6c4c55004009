"""psql 15, the binary itself."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.support.server import Server

PSQL = shutil.which("psql")
pytestmark = pytest.mark.skipif(PSQL is None, reason="psql is not installed")
LONG = "select count(*) from generate_series(1, 99999) a(i), generate_series(1, 9999999) b(j) where i + j = 7"


class Psql:
    """Runs scripts through psql."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def command(self, *options: str) -> list[str]:
        return [PSQL or "psql", "--no-psqlrc", "-P", "pager=off", *options, self.server.uri]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10"}

    def run(self, script: str, *options: str) -> str:
        """What psql prints, errors included, in order."""
        done = subprocess.run(
            self.command(*options), input=script, env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.stdout

    @contextmanager
    def at_terminal(self) -> Iterator[tuple[subprocess.Popen[bytes], IO[str], IO[str]]]:
        """psql as a person runs it, with the keyboard and the screen; without prompts and echo."""
        ours, theirs = pty.openpty()
        modes = termios.tcgetattr(theirs)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        options = ("-Atn", "-v", "PROMPT1=", "-v", "PROMPT2=", "-q")
        command = self.command(*options)
        with (
            subprocess.Popen(
                command, env=self.environment, stdin=theirs, stdout=theirs, stderr=theirs
            ) as process,
            open(ours, "w", closefd=False) as keyboard,
            open(ours, newline="\r\n") as screen,  # noqa: PTH123
        ):
            os.close(theirs)
            try:
                yield process, keyboard, screen
            finally:
                process.kill()


@pytest.fixture(scope="module")
def psql(server: Server) -> Psql:
    runner = Psql(server)
    runner.run(
        """
        create table items (id serial primary key, name text not null, price numeric(10,2) default 1, v vector(3));
        create index on items using hnsw (v vector_l2_ops) with (m = 16, ef_construction = 100);
        create index items_name on items (name);
        create view cheap as select * from items where price < 1;
        """
    )
    return runner


def test_timing_is_shown_after_each_statement(psql: Psql) -> None:
    printed = psql.run("\\timing on\nselect 1 as one; select 2 as two;\n")
    assert len(re.findall(r"Time: \d+\.\d+ ms", printed)) == 2


def test_several_statements_in_one_string_print_every_result(psql: Psql) -> None:
    done = subprocess.run(
        [*psql.command("-At"), "-c", "select 1; select 'two' as x; select 3"], env=psql.environment,
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == "1\ntwo\n3\n"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "selec 1;",
            'ERROR:  syntax error at or near "selec"\nLINE 1: selec 1;\n        ^\n',
        ),
        (
            "select nosuch from items;",
            'ERROR:  column "nosuch" does not exist\nLINE 1: select nosuch from items;\n               ^\n',
        ),
        (
            "select *\n  from nowhere;",
            'ERROR:  relation "nowhere" does not exist\nLINE 2:   from nowhere;\n               ^\n',
        ),
        (
            "select 'x'::nosuch;",
            "ERROR:  type \"nosuch\" does not exist\nLINE 1: select 'x'::nosuch;\n                    ^\n",
        ),
        (
            "select '[1,2'::vector;",
            'ERROR:  invalid input syntax for type vector: "[1,2"\n'
            "LINE 1: select '[1,2'::vector;\n               ^\n",
        ),
        (
            "insert into items (name, v) values ('a', '[1,2]');",
            "ERROR:  expected 3 dimensions, not 2\n",
        ),
        (
            "select 1/0;",
            "ERROR:  division by zero\n",
        ),
    ],
)
def test_an_error_points_at_its_place(psql: Psql, sql: str, expected: str) -> None:
    assert psql.run(sql) == expected


def test_an_error_in_a_string_of_statements_skips_the_rest(psql: Psql) -> None:
    printed = psql.run(
        "select 1 as a \\; select nosuch \\; select 3 as c;\nselect 'alive' as state;\n", "-At"
    )
    assert (
        printed
        == '1\nERROR:  column "nosuch" does not exist\nLINE 1: select 1 as a ; select nosuch ; select 3 as c;\n                               ^\nalive\n'
    )


def test_ctrl_c_cancels_the_query_and_the_connection_lives(psql: Psql) -> None:
    with psql.at_terminal() as (process, keyboard, screen), psql.server.connect() as observer:
        keyboard.write("select pg_backend_pid();\n")
        keyboard.flush()
        pid = screen.readline().strip()
        keyboard.write(f"{LONG};\n")
        keyboard.flush()
        running = (
            "select count(*) from pg_stat_activity where pid = %s and state = 'active' and query like %s"
        )
        while observer.execute(running, [int(pid), LONG + "%"]).fetchone() == (0,):
            pass
        process.send_signal(signal.SIGINT)
        answers = [screen.readline().strip(), screen.readline().strip()]
        keyboard.write("select 'alive', pg_backend_pid();\n")
        keyboard.flush()
        answers.append(screen.readline().strip())
    assert answers == [
        "^CCancel request sent" if answers[0].startswith("^C") else "Cancel request sent",
        "ERROR:  canceling statement due to user request",
        f"alive|{pid}",
    ]


def test_describe_shows_columns_and_indexes(psql: Psql) -> None:
    printed = re.sub(r" +\n", "\n", psql.run("\\d items\n"))
    assert (
        printed
        == """\
                               Table "public.items"
 Column |     Type      | Collation | Nullable |              Default
--------+---------------+-----------+----------+-----------------------------------
 id     | integer       |           | not null | nextval('items_id_seq'::regclass)
 name   | text          |           | not null |
 price  | numeric(10,2) |           |          | 1
 v      | vector(3)     |           |          |
Indexes:
    "items_pkey" PRIMARY KEY, btree (id)
    "items_name" btree (name)
    "items_v_idx" hnsw (v vector_l2_ops) WITH (m='16', ef_construction='100')

"""
    )


def test_describe_shows_both_ends_of_a_foreign_key(psql: Psql) -> None:
    psql.run("create table tagged (item int references items on delete cascade deferrable);\n")
    try:
        assert (
            'Foreign-key constraints:\n    "tagged_item_fkey" FOREIGN KEY (item) REFERENCES items(id) '
            "ON DELETE CASCADE DEFERRABLE\n" in psql.run("\\d tagged\n")
        )
        assert (
            'Referenced by:\n    TABLE "tagged" CONSTRAINT "tagged_item_fkey" FOREIGN KEY (item) '
            "REFERENCES items(id) ON DELETE CASCADE DEFERRABLE\n" in psql.run("\\d items\n")
        )
    finally:
        psql.run("drop table tagged;\n")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("\\dt", ["public|items|table|postgres"]),
        (
            "\\di",
            [
                "public|items_name|index|postgres|items",
                "public|items_pkey|index|postgres|items",
                "public|items_v_idx|index|postgres|items",
            ],
        ),
        ("\\dv", ["public|cheap|view|postgres"]),
        ("\\ds", ["public|items_id_seq|sequence|postgres"]),
        ("\\dn", ["public|pg_database_owner"]),
    ],
)
def test_listings(psql: Psql, command: str, expected: list[str]) -> None:
    assert psql.run(command + "\n", "-At").splitlines() == expected


def test_databases_and_extensions_are_listed(psql: Psql) -> None:
    assert psql.run("\\l\n", "-At").startswith("postgres|postgres|UTF8|")
    printed = psql.run("create extension if not exists vector;\n\\dx\n", "-At")
    assert re.search(r"^vector\|[\d.]+\|public\|", printed, re.MULTILINE)


@pytest.mark.parametrize(
    "command", ["\\d", "\\d+ items", "\\dt+", "\\di+", "\\dT", "\\du", "\\dp", "\\d cheap"]
)
def test_further_commands_do_not_fail(psql: Psql, command: str) -> None:
    assert "ERROR" not in psql.run(command + "\n")


def test_gdesc_describes_without_running(psql: Psql) -> None:
    printed = psql.run("select id, name, v, v <-> '[1,2,3]' as distance from items \\gdesc\n", "-At")
    assert printed.splitlines() == ["id|integer", "name|text", "v|vector(3)", "distance|double precision"]


def test_copy_reads_what_follows_and_writes_to_the_screen(psql: Psql) -> None:
    printed = psql.run(
        "create table copied (id int, name text);\n"
        "copy copied from stdin;\n1\ta\n2\t\\N\n\\.\n"
        "copy copied to stdout (format csv, header);\ndrop table copied;\n"
    )
    assert printed == "CREATE TABLE\nCOPY 2\nid,name\n1,a\n2,\nDROP TABLE\n"


def test_backslash_copy_goes_through_files(psql: Psql, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.txt"
    source.write_text('id,v\n1,"[1,2,3]"\n2,"[4,5,6]"\n')
    printed = psql.run(
        "create table copied (id int, v vector(3));\n"
        f"\\copy copied from '{source}' (format csv, header)\n"
        f"\\copy (select id, v <-> '[1,2,3]' from copied order by 2) to '{target}'\ndrop table copied;\n"
    )
    assert printed == "CREATE TABLE\nCOPY 2\nCOPY 2\nDROP TABLE\n"
    assert target.read_text() == "1\t0\n2\t5.196152422706632\n"


def test_variables_and_gset_work(psql: Psql) -> None:
    assert psql.run("select 7 as n \\gset\nselect :n * 6, :'n';\n", "-At") == "42|7\n"


def test_tab_separated_unaligned_and_expanded_output(psql: Psql) -> None:
    assert psql.run("\\x\nselect 1 as a, 'b' as c;\n") == (
        "Expanded display is on.\n-[ RECORD 1 ]\na | 1\nc | b\n\n"
    )
