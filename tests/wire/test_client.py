"""One client over a real socket: psycopg, asyncpg, and bytes by hand."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading

import asyncpg
import pytest
from psycopg import errors

from sqlvec.core.errors import IdleSessionTimeout, Severity
from sqlvec.core.idle_limit import IdleLimit
from sqlvec.wire.protocol import frontend_messages as f
from sqlvec.wire.server import Server
from tests.support.fake_backend import FakeBackend
from tests.wire.client_side import read, startup, to_bytes
from tests.wire.raw_client import READY, RawClient, connect


def test_psycopg_reads_text_and_binary(server: Server) -> None:
    with connect(server) as client:
        assert client.execute("select 1, 'a', null").fetchall() == [(1, "a", None)]
        assert client.cursor(binary=True).execute("rows 3").fetchall() == [(1,), (2,), (3,)]


def test_psycopg_sees_every_field_of_an_error(server: Server) -> None:
    with connect(server) as client, pytest.raises(errors.SyntaxError) as failure:
        client.execute("fail")
    diagnostic = failure.value.diag
    assert diagnostic.message_detail == "This is a detail."
    assert diagnostic.message_hint == "A hint."
    assert diagnostic.statement_position == "6"


def test_psycopg_pipelines(server: Server) -> None:
    with connect(server) as client, client.pipeline():
        cursors = [client.execute("select 7") for _ in range(50)]
        assert [cursor.fetchone() for cursor in cursors] == [(7,)] * 50


def test_psycopg_copies_in_both_directions(server: Server, backend: FakeBackend) -> None:
    with connect(server) as client:
        with client.cursor().copy("copy in") as copy:
            for _ in range(1000):
                copy.write(b"1\ta\n" * 100)
        assert backend.sessions[0].sinks[0].written == b"1\ta\n" * 100_000
        with client.cursor().copy("copy out 1000") as copy:
            assert b"".join(copy) == b"a\tb\n" * 1000


def test_psycopg_leaving_a_copy_aborts_it(server: Server, backend: FakeBackend) -> None:
    with connect(server) as client:
        with contextlib.suppress(ZeroDivisionError), client.cursor().copy("copy in") as copy:
            copy.write(b"1\ta\n")
            raise ZeroDivisionError
        assert client.execute("select 1").fetchone() == (1,)
    sink = backend.sessions[0].sinks[0]
    assert sink.aborted is not None
    assert "ZeroDivisionError" in sink.aborted


def test_psycopg_cancels(server: Server, backend: FakeBackend) -> None:
    with connect(server) as client:
        canceller = threading.Thread(target=lambda: backend.waiting.acquire() and client.cancel_safe())
        canceller.start()
        with pytest.raises(errors.QueryCanceled):
            client.execute("wait")
        canceller.join()
        assert client.execute("select 1").fetchone() == (1,)


def test_a_wrong_key_cancels_nothing(server: Server, backend: FakeBackend) -> None:
    with connect(server) as client:
        with RawClient(server) as stranger:
            stranger.send(f.CancelRequest(1, 1))
            assert stranger.read_to_end() == b""
        assert client.execute("select 1").fetchone() == (1,)
    assert not backend.sessions[0].interrupted.is_set()


def test_asyncpg_prepares_and_streams(server: Server) -> None:
    async def use() -> None:
        client = await asyncpg.connect(host="127.0.0.1", port=server.port, user="u", database="d", ssl=False)
        assert [tuple(row) for row in await client.fetch("select 1, 'a'")] == [(1, "a")]
        assert await client.fetchrow("echo", "x", None) == ("x", None)
        async with client.transaction():
            numbers = [row["n"] async for row in client.cursor("rows 250", prefetch=100)]
        assert numbers == list(range(1, 251))
        with pytest.raises(asyncpg.PostgresSyntaxError):
            await client.fetch("fail")
        await client.close()

    asyncio.run(use())


def test_a_long_statement_blocks_nobody(server: Server, backend: FakeBackend) -> None:
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(RawClient(server)).start() for _ in range(10)]
        for client in waiting:
            client.send(f.Query("wait"))
            backend.waiting.acquire()
        with connect(server) as client:
            assert client.execute("select 1").fetchone() == (1,)
    backend.closed.wait_for(11)


def test_a_pipelined_answer_does_not_wait_for_the_statement_behind_it(
    server: Server, backend: FakeBackend
) -> None:
    with RawClient(server).start() as client:
        client.send(f.Query("nothing"), f.Query("wait"))
        assert read(client.read_until(READY)) == ["CommandComplete NOTHING", "ReadyForQuery I"]
        backend.cancel(1, 1001)
    backend.closed.wait_for(1)


def test_flush_sends_before_the_statement_behind_it_runs(server: Server, backend: FakeBackend) -> None:
    with RawClient(server).start() as client:
        client.send(f.Parse("", "wait"), f.Bind("", ""), f.Flush(), f.Execute(""), f.Sync())
        assert read(client.read_until(b"2\0\0\0\4")) == ["ParseComplete", "BindComplete"]
    backend.closed.wait_for(1)


def test_a_client_that_leaves_interrupts_its_statement(server: Server, backend: FakeBackend) -> None:
    with RawClient(server).start() as client:
        client.send(f.Query("wait"))
        backend.waiting.acquire()
    backend.closed.wait_for(1)
    assert backend.sessions[0].interrupted.is_set()


def test_what_stands_behind_the_interrupted_statement_does_not_run(
    server: Server, backend: FakeBackend
) -> None:
    with RawClient(server).start() as client:
        client.send(f.Query("wait"), f.Query("copy in"))
        backend.waiting.acquire()
    backend.closed.wait_for(1)
    assert backend.sessions[0].sinks == []


def test_a_client_that_leaves_a_copy_aborts_it(server: Server, backend: FakeBackend) -> None:
    with RawClient(server).start() as client:
        client.send(f.Query("copy in"), f.CopyData(b"1\ta\n"))
        client.read_until(b"G\0\0\0\x0b\0\0\2\0\0\0\0")
    backend.closed.wait_for(1)
    assert backend.sessions[0].sinks[0].aborted == "the COPY ended early"
    assert backend.sessions[0].runs_left_early == 1


def test_a_client_that_does_not_read_stops_the_query(server: Server, backend: FakeBackend) -> None:
    with RawClient(server).start() as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.send(f.Query("rows 2000000 100"))
        client.socket.recv(1)
        other = connect(server)  # while the first one does not read, the second is served
        for _ in range(200):
            other.execute("nothing")
        other.close()
        # 200 MB were asked for: what the marks and the sockets' buffers hold is a small part.
        assert backend.sessions[0].streams[0].count * 105 < 30_000_000
    backend.closed.wait_for(2)
    assert backend.sessions[0].streams[0].is_closed
    assert backend.sessions[0].streams[0].count * 105 < 30_000_000  # and it ended when the client left


def test_a_large_result_arrives_whole(server: Server) -> None:
    with connect(server) as client:
        numbers = client.execute("rows 100000").fetchall()
    assert [row[0] for row in numbers] == list(range(1, 100_001))


def test_bytes_may_come_one_by_one(server: Server) -> None:
    conversation = b"".join(
        map(to_bytes, (f.SslRequest(), startup(user="u"), f.Query("select 1"), f.Terminate()))
    )
    with RawClient(server) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in conversation:
            client.socket.sendall(bytes([byte]))
        received = client.read_to_end()
    assert read(received)[-3:] == ["DataRow '1'", "CommandComplete SELECT 1", "ReadyForQuery I"]


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, b"\0" * 64])
def test_garbage_is_refused(server: Server, garbage: bytes) -> None:
    with RawClient(server) as client:
        client.socket.sendall(garbage)
        assert read(client.read_to_end()) in (
            ["ErrorResponse FATAL 08P01 'invalid length of startup packet'"],
            [],  # the kernel may reset a connection that closes with bytes unread
        )


def test_an_oversize_message_is_refused_by_its_head(server: Server) -> None:
    with RawClient(server).start() as client:
        client.socket.sendall(b"Q" + struct.pack("!I", 2**30 - 1))
        assert read(client.read_to_end()) == ["ErrorResponse FATAL 08P01 'invalid message length'"]


def test_a_bug_is_logged_with_its_traceback(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    with connect(server) as client:
        with pytest.raises(errors.InternalError_, match="internal error: a bug"):
            client.execute("crash")
        assert client.execute("select 1").fetchone() == (1,)
    (record,) = caplog.records
    assert record.exc_info is not None


def test_a_client_that_is_idle_too_long_is_put_out(server: Server, backend: FakeBackend) -> None:
    with RawClient(server).start() as client:
        limit = IdleLimit(0.05, IdleSessionTimeout("too long", severity=Severity.FATAL))
        backend.sessions[0].idle_limit = limit
        client.send(f.Query("nothing"))
        assert read(client.read_to_end())[-1] == "ErrorResponse FATAL 57P05 'too long'"
    backend.closed.wait_for(1)


def test_a_running_statement_is_not_idle(server: Server, backend: FakeBackend) -> None:
    with RawClient(server).start() as client:
        client.send(f.Query("wait"))
        backend.waiting.acquire()
        backend.sessions[0].idle_limit = IdleLimit(0.0, IdleSessionTimeout("too long"))
        backend.cancel(1, 1001)
        lines = read(client.read_to_end())
    assert lines[0].startswith("ErrorResponse ERROR 57014")
    assert lines[-1] == "ErrorResponse FATAL 57P05 'too long'"
