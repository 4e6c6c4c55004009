"""Damaged bytes to the protocol's core, to a conversation, and to a live server: answered or closed, and nothing else.

SQLVEC_TORTURE_INPUTS says how many go to the core; a tenth of a percent of them goes to the live server.
SQLVEC_TORTURE_SEEDS=10-40 says with which seeds.
"""

from __future__ import annotations

import os
import random
import socket
import time
from pathlib import Path

import pytest

from tests.support.server import Server
from tests.torture.byte_mutation import STARTS, ByteMutation, session_messages
from tests.torture.puppet import Puppet
from tests.torture.sql_prober import SqlProber
from tests.torture.test_sql_fuzz import memory_of
from tests.wire.client_side import split, startup, to_bytes
from tests.wire.transcript import ConversationPair

INPUTS = int(os.environ.get("SQLVEC_TORTURE_INPUTS", "100000"))
FIRST, LAST = map(int, os.environ.get("SQLVEC_TORTURE_SEEDS", "1-1").split("-"))
PATIENCE = 20.0  # seconds until a connection that got no end of its input counts as hanging
MOST_GROWTH = 200  # MB; caches of plans and modules loaded late, but not a connection's worth per connection
STARTED = to_bytes(startup(user="postgres", database="postgres"))
CREATE = "create table if not exists fuzz (id int, name text)"
QUERIES = ("select 1", "select $1::int, $2::text", "begin", "commit", "select 1; select 2", "insert into fuzz values (1, 'x')",
           "select * from generate_series(1, 3000)", "", "selec", "set application_name = 'x'")  # fmt: skip
COPIES = ("copy fuzz from stdin", "copy fuzz to stdout", "copy fuzz from stdin (format binary)")
FAKE_QUERIES = ("select 1", "rows 5", "echo", "nothing", "begin", "commit", "fail", "fail after 3", "deferred", "notice hello",
                "set a=b", "rows 100 1000")  # fmt: skip
FAKE_COPIES = ("copy in", "copy out 3")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + INPUTS // 1000)]


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_the_core_takes_any_bytes(seed: int) -> None:
    mutation = ByteMutation(seed, (*STARTS, *session_messages(FAKE_QUERIES, FAKE_COPIES)))
    started = time.monotonic()
    for number in range(INPUTS):
        puppet, sent = Puppet(mutation.random), []
        if mutation.random.random() < 0.8:
            puppet.hear(STARTED)
        try:
            for _ in range(3):
                sent.append(mutation.stream(3))
                puppet.hear(sent[-1])
        except Exception as error:
            pytest.fail(f"seed {seed}, input {number}: {error!r}\n{sent}")
    rate = INPUTS / (time.monotonic() - started)
    print(f"\n{INPUTS} inputs of up to nine messages to the core, {rate:.0f}/s")


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_a_conversation_takes_any_bytes(seed: int) -> None:
    """With the handlers, over a database that is none. What it answers can be read."""
    mutation = ByteMutation(seed, (*session_messages(FAKE_QUERIES, FAKE_COPIES), *STARTS[-3:]))
    started, count = time.monotonic(), INPUTS // 20
    for number in range(count):
        pair, sent = ConversationPair().connect(), mutation.stream(6)
        try:
            answer = pair.exchange(sent)
            assert b"XX000" not in answer, answer
            list(split(answer))
            pair.conversation.close()
            assert all(session.is_closed for session in pair.backend.sessions)
        except Exception as error:
            pytest.fail(f"seed {seed}, input {number}: {error!r}\n{sent!r}")
    print(f"\n{count} inputs to a conversation, {count / (time.monotonic() - started):.0f}/s")


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_a_live_server_takes_any_bytes(seed: int, tmp_path: Path) -> None:
    count = max(300, INPUTS // 1000)
    in_session = ByteMutation(seed, session_messages(QUERIES, COPIES))
    at_start = ByteMutation(seed, STARTS)
    with Server(tmp_path / "data") as server:
        with server.connect() as connection:
            connection.execute(CREATE)
        for _ in range(50):  # everything is loaded then, and counts as the server's own size
            answer_to(server, STARTED + in_session.stream(6))
        before, started = memory_of(server), time.monotonic()
        for number in range(count):
            is_start = in_session.random.random() < 0.2
            sent = at_start.stream(2) if is_start else STARTED + in_session.stream(6)
            check(server, seed, number, sent, in_session.random)
        rate, after = count / (time.monotonic() - started), memory_of(server)
        prober = SqlProber(server.uri)
        assert prober.ask("select count(*) from fuzz", is_extended=False).code is None
        prober.close()
        print(f"\n{count} streams to a live server, {rate:.0f}/s; memory {before} MB, then {after} MB")
        assert after - before < MOST_GROWTH
        assert server.stop() == 0


def check(server: Server, seed: int, number: int, sent: bytes, chance: random.Random) -> None:
    story = f"seed {seed}, stream {number}: {sent!r}"
    try:
        answer = answer_to(server, sent, piece=chance.choice((0, 0, 1, 7)))
    except TimeoutError:
        pytest.fail(f"hangs: {story}", pytrace=False)
    assert server.process is not None
    assert server.process.poll() is None, f"the server died: {story}\n{server.log()[-3000:]}"
    assert b"XX000" not in answer, f"{story}\n{answer[-2000:]!r}\n{server.log()[-3000:]}"


def answer_to(server: Server, sent: bytes, piece: int = 0) -> bytes:
    """All that it says until it closes, as it must when nothing more can come."""
    with socket.create_connection((server.host, server.port), PATIENCE) as client:
        pieces = []
        try:
            if piece and len(sent) < 1000:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for at in range(0, len(sent), piece):
                    client.sendall(sent[at : at + piece])
            else:
                client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while received := client.recv(65536):
                pieces.append(received)
        except (ConnectionError, OSError) as error:  # it may close while we still send
            if isinstance(error, TimeoutError):
                raise
        return b"".join(pieces)
