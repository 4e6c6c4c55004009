"""No space, no file handles, no permission to write: a clear error, nothing lost, and on it goes when there is some again.

The limits are put on the running server from outside (prlimit), or on a small file system of its own where the test
may mount one.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.server import Server
from tests.torture.crash_survey import check_indexes
from tests.torture.crash_writer import SETUP, vector_of

NO_ROOM = ("53100", "58030")
NO_HANDLES = ("53000", "58030")
SPACE = 64 << 20
INSERT = f"insert into things values (1000, 1000, 0, '{vector_of(1000)}')"
EXTRA = "create index extra on things using hnsw (v vector_l2_ops)"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def fill(connection: psycopg.Connection[Any], first: int, count: int) -> None:
    with connection.cursor().copy("copy things from stdin") as copy:
        copy.write("".join(f"{key}\t{key}\t0\t{vector_of(key)}\n" for key in range(first, first + count)))


def refusal(connection: psycopg.Connection[Any], sql: str) -> str | None:
    """The SQLSTATE of a statement that may fail."""
    try:
        connection.execute(sql.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


def keys(server: Server) -> set[int]:
    with server.connect() as connection:
        return {key for (key,) in connection.execute("select id from things")}


def prepared(server: Server) -> None:
    with server.connect() as connection:
        for sql in (*SETUP, "create table bulk (incompressible text)"):
            connection.execute(sql)
        fill(connection, 0, 1000)


def process_id(server: Server) -> int:
    assert server.process is not None
    return server.process.pid


def is_alive(server: Server) -> bool:
    return server.process is not None and server.process.poll() is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SPACE}", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def write_until_refused(server: Server) -> tuple[int, str | None]:
    """Rows beyond the first thousand that were acknowledged, and the SQLSTATE that came then."""
    first = 1000
    with server.connect() as connection:
        while first < 100_000:
            try:
                with connection.transaction():
                    fill(connection, first, 50)
                    with connection.cursor().copy("copy bulk from stdin") as copy:
                        copy.write("".join(f"{os.urandom(10_000).hex()}\n" for _ in range(50)))
            except psycopg.Error as error:
                return first, error.sqlstate
            first += 50
    raise AssertionError("there is always room")


def check_service(server: Server, acknowledged: int) -> None:
    """Everything is there and new rows come in, before a restart and after it."""
    assert keys(server) == set(range(acknowledged))
    with server.connect() as connection:
        fill(connection, acknowledged, 100)
    check_indexes(server, 1)
    assert server.stop() == 0
    server.start()
    assert keys(server) == set(range(acknowledged + 100))
    check_indexes(server, 2)
    assert server.stop() == 0


def full(disk: Path, server: Server) -> int:
    """Make the disk full under the server; how many rows it has acknowledged."""
    prepared(server)
    (disk / "filler").write_bytes(bytes(SPACE // 2))
    acknowledged, code = write_until_refused(server)
    assert code in NO_ROOM, f"{code}\n{server.log()[-2000:]}"
    return acknowledged


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    with Server(small_disk / "data") as server:
        acknowledged = full(small_disk, server)
        (small_disk / "filler").unlink()
        server.kill()
        server.start()
        check_service(server, acknowledged)


@pytest.mark.xfail(
    reason="DuckDB gives up its database when it cannot write its log, until it is opened again"
)
def test_a_full_disk_refuses_writes_only_and_as_long_as_it_is_full(small_disk: Path) -> None:
    with Server(small_disk / "data") as server:
        acknowledged = full(small_disk, server)
        assert keys(server) == set(range(acknowledged))
        (small_disk / "filler").unlink()
        check_service(server, acknowledged)


def test_a_limit_of_file_size_is_a_full_disk(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        prepared(server)
        before = resource.prlimit(process_id(server), resource.RLIMIT_FSIZE)
        resource.prlimit(process_id(server), resource.RLIMIT_FSIZE, (1 << 20, before[1]))
        acknowledged, code = write_until_refused(server)
        assert code in NO_ROOM, f"{code}\n{server.log()[-2000:]}"
        assert keys(server) == set(range(acknowledged))
        resource.prlimit(process_id(server), resource.RLIMIT_FSIZE, before)
        check_service(server, acknowledged)


def test_no_file_handles_refuse_connections_and_files_only(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server, ExitStack() as stack:
        prepared(server)
        inside = stack.enter_context(server.connect())
        before = resource.prlimit(process_id(server), resource.RLIMIT_NOFILE)
        used = len(list(Path(f"/proc/{process_id(server)}/fd").iterdir()))
        resource.prlimit(process_id(server), resource.RLIMIT_NOFILE, (used + 2, before[1]))
        refused = 0
        for _ in range(8):
            try:
                stack.enter_context(server.connect(connect_timeout=3))
            except psycopg.Error:
                refused += 1
        assert refused, "there are always handles"
        # The first of them may have to load code of ours.
        for sql in (INSERT, "checkpoint", EXTRA, "select count(*) from things", "drop index if exists extra"):
            assert refusal(inside, sql) in (None, *NO_HANDLES), f"{sql}\n{server.log()[-3000:]}"
        assert is_alive(server)
        resource.prlimit(process_id(server), resource.RLIMIT_NOFILE, before)
        inside.execute(f"{INSERT} on conflict do nothing")
        check_service(server, 1001)


def test_a_read_only_directory_is_refused_in_words(small_disk: Path) -> None:
    with Server(small_disk / "data") as server:
        prepared(server)
    assert server.stop() == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    command = ["-m", "sqlvec", "serve", "--port", "0", "--data", str(server.directory)]
    ended = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=60, check=False
    )
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert ended.returncode != 0
    assert "Read-only file system" in ended.stderr
    assert "Traceback" not in ended.stderr
    server.start()
    check_service(server, 1000)
