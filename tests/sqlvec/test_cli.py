from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import sqlvec
from sqlvec.config import OPTIONS
from sqlvec.demo.server import Server

SQLVEC = [sys.executable, "-m", "sqlvec"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SQLVEC, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    server.start()
    yield server
    server.kill()


def test_version():
    assert run("--version").stdout == f"sqlvec {sqlvec.__version__}\n"


def test_help_of_serve_names_every_option():
    text = run("serve", "--help").stdout
    for option in OPTIONS:
        if option.has_flag:
            assert option.flag in text
            assert option.variable in text


def test_a_bad_option_is_one_line_and_exit_code_2(tmp_path: Path):
    result = run("serve", "--data", str(tmp_path), SQLVEC_PORT="many")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == 'sqlvec: invalid port: "many" is not a whole number (from SQLVEC_PORT)\n'


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_one_line_answers_and_ends_cleanly(tmp_path: Path, end: signal.Signals):
    data = tmp_path / "data"
    with subprocess.Popen(
        [*SQLVEC, "serve", "--port", "0", "--data", str(data)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            head, _, rest = line.partition(" (data: ")
            assert head.startswith("sqlvec: ready on 127.0.0.1:")
            assert rest == f"{data})\n"
            port = int(head.rpartition(":")[2])
            with psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres") as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            process.send_signal(end)
        assert process.wait(30) == 0
        assert process.stdout.read() == ""


def test_an_open_connection_does_not_hold_up_the_shutdown(server: Server):
    with server.connect() as connection:
        connection.execute("SELECT 1")
        server.stop()


def test_a_second_server_on_the_directory_is_refused(server: Server):
    result = run("serve", "--port", "0", "--data", str(server.directory))
    assert (result.returncode, result.stdout) == (1, "")
    assert "sqlvec: " in result.stderr
    assert str(server.directory) in result.stderr


def test_a_taken_port_is_refused(server: Server, tmp_path: Path):
    result = run("serve", "--port", str(server.port), "--data", str(tmp_path / "other"))
    assert (result.returncode, result.stdout) == (1, "")
    assert "sqlvec: " in result.stderr


def test_shell_runs_commands_and_fails_with_them(server: Server):
    conninfo = f"host=127.0.0.1 port={server.port}"
    result = run("shell", conninfo, "-c", "SELECT 6 * 7 AS answer", "-c", "SELECT nonsense")
    assert result.returncode == 1
    assert "42" in result.stdout
    assert "42703" in result.stdout
    assert "^" in result.stdout


def test_shell_without_a_server_says_so():
    result = run("shell", "host=127.0.0.1 port=1")
    assert result.returncode == 2
    assert result.stderr.startswith("sqlvec: connection failed")
