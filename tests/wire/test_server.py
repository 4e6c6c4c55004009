"""The server over real sockets: who comes in, who is put out, start and stop."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from sqlvec.wire.protocol import frontend_messages as f
from sqlvec.wire.server import Server
from tests.support.fake_backend import FakeBackend
from tests.wire.client_side import read
from tests.wire.raw_client import READY, RawClient, connect

ROOT = Path(__file__).parents[2]


def test_one_client_too_many_is_told(backend: FakeBackend) -> None:
    with Server(backend, port=0, max_connections=1) as server:
        with (
            connect(server),
            pytest.raises(psycopg.OperationalError, match="sorry, too many clients already"),
        ):
            connect(server)
        backend.closed.wait_for(1)


def test_a_seat_is_free_again_after_its_client_left(backend: FakeBackend) -> None:
    with Server(backend, port=0, max_connections=1) as server, RawClient(server).start() as first:
        first.send(f.Terminate())
        assert first.read_to_end() == b""  # the socket closes after the session
        connect(server).close()


def test_a_stranger_who_says_nothing_is_put_out(backend: FakeBackend) -> None:
    with Server(backend, port=0, authentication_timeout=0.05) as server, RawClient(server) as stranger:
        stranger.socket.sendall(b"\0\0")
        assert stranger.read_to_end() == b""


def test_the_authentication_timeout_spares_those_who_are_in(backend: FakeBackend) -> None:
    with Server(backend, port=0, authentication_timeout=0.05) as server, RawClient(server).start() as client:
        with RawClient(server) as stranger:  # put out after the first one's time is over
            assert stranger.read_to_end() == b""
        client.send(f.Query("nothing"))
        assert client.read_until(READY)


def test_stop_says_goodbye_to_an_idle_client(backend: FakeBackend) -> None:
    server = Server(backend, port=0)
    server.start()
    with RawClient(server).start() as client:
        server.stop()
        assert read(client.read_to_end()) == [
            "ErrorResponse FATAL 57P01 'terminating connection due to administrator command'"
        ]
    assert backend.sessions[0].is_closed


def test_stop_interrupts_a_running_statement(backend: FakeBackend) -> None:
    server = Server(backend, port=0)
    server.start()
    with RawClient(server).start() as client:
        client.send(f.Query("wait"))
        backend.waiting.acquire()
        server.stop()
        assert read(client.read_to_end()) == [
            "ErrorResponse FATAL 57P01 'terminating connection due to administrator command'"
        ]
    assert backend.sessions[0].is_closed


def test_stop_does_not_wait_for_a_client_that_does_not_read(
    backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqlvec.wire.server.STOP_GRACE", 0.1)
    server = Server(backend, port=0)
    server.start()
    with RawClient(server).start() as client:
        client.send(f.Query("rows 2000000 100"))
        client.socket.recv(1)
        server.stop()
    assert backend.sessions[0].is_closed
    assert backend.sessions[0].streams[0].count < 300_000


def test_a_stopped_server_can_start_again_on_its_port(backend: FakeBackend) -> None:
    server = Server(backend, port=0)
    server.start()
    port = server.port
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        RawClient(server)
    with server:
        assert server.port == port
        connect(server).close()


def test_two_servers_cannot_share_a_port(server: Server, backend: FakeBackend) -> None:
    with pytest.raises(OSError, match=r"[Aa]ddress already in use"):
        Server(backend, port=server.port).start()


def test_localhost_means_every_family_on_one_port(backend: FakeBackend) -> None:
    with Server(backend, "localhost", 0) as server:
        for _, _, _, _, address in socket.getaddrinfo("localhost", server.port, type=socket.SOCK_STREAM):
            socket.create_connection(address[:2], 30).close()


def test_clients_spread_over_all_loops(backend: FakeBackend) -> None:
    with Server(backend, port=0, loops=3) as server, contextlib.ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(RawClient(server)).start()
        assert [loop.load for loop in server._loops] == [2, 2, 2]


def test_without_uvloop_asyncio_serves(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlvec.wire.loop_thread.uvloop", None)
    with Server(backend, port=0, loops=2) as server, connect(server) as client:
        assert client.execute("select 1").fetchone() == (1,)
        assert len(client.execute("rows 10000").fetchall()) == 10_000


def test_an_interpreter_that_forgets_the_server_ends(tmp_path: Path) -> None:
    script = tmp_path / "forgetful.py"
    script.write_text(FORGETFUL)
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "(1,)\n", "")


FORGETFUL = """
import sys, psycopg
sys.path.insert(0, ".")
from sqlvec.wire.server import Server
from tests.support.fake_backend import FakeBackend
backend = FakeBackend()
server = Server(backend, port=0)
server.start()
busy = psycopg.connect(host="127.0.0.1", port=server.port, user="u", dbname="d", autocommit=True)
busy.pgconn.send_query(b"wait")
backend.waiting.acquire()
client = psycopg.connect(host="127.0.0.1", port=server.port, user="u", dbname="d", autocommit=True)
print(client.execute("select 1").fetchone())
"""


def test_many_clients_come_and_go(server: Server, backend: FakeBackend) -> None:
    def come_and_go() -> None:
        for _ in range(20):
            with connect(server) as client:
                assert client.execute("select 1").fetchone() == (1,)

    with ThreadPoolExecutor(8) as threads:
        for visit in [threads.submit(come_and_go) for _ in range(8)]:
            visit.result()
    backend.closed.wait_for(160)


def test_stop_does_not_wait_for_a_statement_that_cannot_be_interrupted(
    backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqlvec.wire.server.STOP_GRACE", 0.1)
    monkeypatch.setattr(backend, "cancel", lambda process_id, secret_key: None)
    server = Server(backend, port=0)
    server.start()
    with RawClient(server).start() as client:
        client.send(f.Query("wait"))
        backend.waiting.acquire()
        server.stop()
        assert not backend.sessions[0].is_closed  # never while a thread is in it
        backend.sessions[0].interrupted.set()
        backend.closed.wait_for(1)
