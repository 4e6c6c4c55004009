"""TLS over real sockets: libpq, asyncpg, and bytes by hand."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
from psycopg import errors

from sqlvec.core.errors import ConfigFileError
from sqlvec.core.scram import ScramVerifier
from sqlvec.wire.auth.access import Access
from sqlvec.wire.auth.hba import parse_rules
from sqlvec.wire.auth.roles import AnyRole
from sqlvec.wire.protocol import frontend_messages as f
from sqlvec.wire.server import Server
from sqlvec.wire.tls_context import load_tls_context
from tests.support.certificates import YESTERDAY, Certificates
from tests.support.fake_backend import FakeBackend
from tests.wire.client_side import read, startup, to_bytes
from tests.wire.raw_client import READY, RawClient

RULES = """
hostssl all alice all cert
hostssl all bob all scram-sha-256 clientcert=verify-ca
hostssl all carol all scram-sha-256
hostssl all all all trust
"""
HAS_DIRECT = psycopg.pq.version() >= 170000
ROLES = AnyRole({name: str(ScramVerifier.of_password("secret")) for name in ("bob", "carol")})


@pytest.fixture
def server(backend: FakeBackend, certificates: Certificates) -> Iterator[Server]:
    mine = certificates.server()
    tls = load_tls_context(mine.certificate, mine.key, certificates.authority)
    access = Access(parse_rules(RULES.splitlines()), ROLES)
    with Server(backend, port=0, tls=tls, access=access) as running:
        yield running


@pytest.fixture
def connect(server: Server, certificates: Certificates) -> Any:
    """psycopg, by verify-full unless told otherwise."""

    def connect(user: str = "u", **options: Any) -> psycopg.Connection[Any]:
        options = {"sslmode": "verify-full", "sslrootcert": certificates.authority, **options}
        return psycopg.connect(
            host="localhost", hostaddr="127.0.0.1", port=server.port, user=user, dbname="d", autocommit=True,
            **{"connect_timeout": 10, **options},
        )  # fmt: skip

    return connect


def test_verify_full_is_satisfied(connect: Any) -> None:
    with connect() as client:
        assert client.pgconn.ssl_in_use
        assert client.execute("select 1").fetchone() == (1,)


def test_another_authority_is_not(connect: Any, certificates: Certificates) -> None:
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(sslrootcert=certificates.stranger)


def test_an_expired_certificate_is_seen_by_the_client(
    backend: FakeBackend, certificates: Certificates
) -> None:
    expired = certificates.server(not_after=YESTERDAY)
    with (
        Server(backend, port=0, tls=load_tls_context(expired.certificate, expired.key)) as server,
        pytest.raises(psycopg.OperationalError, match="certificate verify failed"),
    ):
        psycopg.connect(
            host="127.0.0.1", port=server.port, user="u", dbname="d", sslmode="verify-ca",
            sslrootcert=str(certificates.authority),
        )  # fmt: skip


def test_a_plaintext_client_is_told_that_encryption_is_missing(connect: Any) -> None:
    message = 'no pg_hba.conf entry for host "127.0.0.1", user "u", database "d", no encryption'
    with pytest.raises(psycopg.OperationalError, match=message):
        connect(sslmode="disable")


def test_large_results_and_copies_pass(connect: Any, backend: FakeBackend) -> None:
    with connect() as client:
        rows = client.execute("rows 100000 100").fetchall()
        assert (len(rows), len(rows[-1][0])) == (100_000, 100)
        with client.cursor().copy("copy in") as copy:
            for _ in range(1000):
                copy.write(b"1\ta\n" * 1000)
        assert len(backend.sessions[0].sinks[0].written) == 4_000_000


@pytest.mark.parametrize("binding", ["disable", "prefer", "require"])
def test_a_password_over_tls(connect: Any, binding: str) -> None:
    with connect("carol", password="secret", channel_binding=binding) as client:
        assert client.execute("select 1").fetchone() == (1,)


def test_a_wrong_password_over_tls(connect: Any) -> None:
    with pytest.raises(psycopg.OperationalError, match='password authentication failed for user "carol"'):
        connect("carol", password="wrong")


def test_asyncpg_with_a_password_over_tls(server: Server, certificates: Certificates) -> None:
    async def use() -> None:
        context = ssl.create_default_context(cafile=certificates.authority)
        client = await asyncpg.connect(
            host="127.0.0.1", port=server.port, user="carol", database="d", password="secret", ssl=context
        )
        assert await client.fetchval("select 1") == 1
        await client.close()

    asyncio.run(use())


def test_a_client_certificate_names_its_user(connect: Any, certificates: Certificates) -> None:
    alice = certificates.client("alice")
    with connect("alice", sslcert=alice.certificate, sslkey=alice.key) as client:
        assert client.execute("select 1").fetchone() == (1,)


def test_somebody_elses_certificate_does_not(connect: Any, certificates: Certificates) -> None:
    bob = certificates.client("bob")
    with pytest.raises(psycopg.OperationalError, match='certificate authentication failed for user "alice"'):
        connect("alice", sslcert=bob.certificate, sslkey=bob.key)


def test_a_missing_certificate_is_asked_for(connect: Any) -> None:
    with pytest.raises(psycopg.OperationalError, match="connection requires a valid client certificate"):
        connect("alice")


def test_a_password_and_a_certificate(connect: Any, certificates: Certificates) -> None:
    mallory = certificates.client("mallory")  # verify-ca: any name will do
    with connect("bob", password="secret", sslcert=mallory.certificate, sslkey=mallory.key) as client:
        assert client.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("kind", ["stranger", "expired"])
def test_a_bad_client_certificate_ends_the_handshake(
    connect: Any, certificates: Certificates, kind: str
) -> None:
    bad = (
        certificates.strangers_client("alice")
        if kind == "stranger"
        else certificates.client("alice", not_after=YESTERDAY)
    )
    alert = "unknown ca" if kind == "stranger" else "certificate expired"
    with pytest.raises(psycopg.OperationalError, match=f"alert {alert}|SSL error"):
        connect("alice", sslcert=bad.certificate, sslkey=bad.key)


@pytest.mark.skipif(not HAS_DIRECT, reason="libpq is older than 17")
def test_direct_tls(connect: Any) -> None:
    with connect(sslnegotiation="direct") as client:
        assert client.execute("select 1").fetchone() == (1,)


def direct(server: Server, certificates: Certificates, *protocols: str) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=certificates.authority)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    plain = socket.create_connection(("127.0.0.1", server.port), 30)
    return context.wrap_socket(plain, server_hostname="localhost")


def test_direct_tls_by_hand(server: Server, certificates: Certificates) -> None:
    with direct(server, certificates, "postgresql") as client:
        assert client.selected_alpn_protocol() == "postgresql"
        client.sendall(to_bytes(startup(user="u")))
        received = b""
        while not received.endswith(READY):
            received += client.recv(65536)


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)])
def test_direct_tls_needs_the_protocols_name(
    server: Server, certificates: Certificates, protocols: tuple[str, ...]
) -> None:
    with direct(server, certificates, *protocols) as client:
        assert client.recv(1) == b""


def test_direct_tls_where_there_is_none(backend: FakeBackend) -> None:
    with Server(backend, port=0) as server, RawClient(server) as client:
        client.socket.sendall(b"\x16\x03\x01\x02\x00")
        assert client.read_to_end() == b""


def test_cancel_over_tls(connect: Any, backend: FakeBackend) -> None:
    with connect() as client:
        canceller = threading.Thread(target=lambda: backend.waiting.acquire() and client.cancel_safe())
        canceller.start()
        with pytest.raises(errors.QueryCanceled):
            client.execute("wait")
        canceller.join()
        assert client.execute("select 1").fetchone() == (1,)


def test_bytes_behind_the_request_are_refused(server: Server) -> None:
    with RawClient(server) as client:
        client.send(f.SslRequest(), startup(user="u"))
        (answer,) = read(client.read_to_end())
    assert answer.startswith("ErrorResponse FATAL 08P01 'received unencrypted data after SSL request'")


def test_garbage_in_place_of_a_handshake_ends_it(server: Server, backend: FakeBackend) -> None:
    with RawClient(server) as client:
        client.send(f.SslRequest())
        assert client.socket.recv(1) == b"S"
        client.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
        client.read_to_end()
    assert not backend.sessions


def test_a_handshake_may_come_byte_by_byte(server: Server, certificates: Certificates) -> None:
    context = ssl.create_default_context(cafile=certificates.authority)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with RawClient(server) as client:
        client.send(f.SslRequest())
        assert client.socket.recv(1) == b"S"
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    client.socket.sendall(bytes([byte]))
                incoming.write(client.socket.recv(65536))
        tls.write(to_bytes(startup(user="u")))
        for byte in outgoing.read():
            client.socket.sendall(bytes([byte]))
        incoming.write(client.socket.recv(65536))
        assert tls.read(65536).endswith(READY)


def test_a_handshake_that_is_never_finished_times_out(
    backend: FakeBackend, certificates: Certificates
) -> None:
    mine = certificates.server()
    tls = load_tls_context(mine.certificate, mine.key)
    with Server(backend, port=0, tls=tls, authentication_timeout=0.2) as server, RawClient(server) as client:
        client.send(f.SslRequest())
        assert client.read_to_end() == b"S"


def test_a_client_that_does_not_read_stops_the_query_over_tls(connect: Any, backend: FakeBackend) -> None:
    with contextlib.closing(connect()) as client, contextlib.closing(connect()) as other:
        client.pgconn.send_query(b"rows 2000000 100")
        for _ in range(200):  # while the first one does not read, the second is served
            other.execute("nothing")
        assert backend.sessions[0].streams[0].count * 105 < 30_000_000
    backend.closed.wait_for(2)
    assert backend.sessions[0].streams[0].count * 105 < 30_000_000


def test_without_uvloop_it_is_the_same(
    backend: FakeBackend, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqlvec.wire.loop_thread.uvloop", None)
    mine = certificates.server()
    tls = load_tls_context(mine.certificate, mine.key)
    with (
        Server(backend, port=0, tls=tls) as server,
        psycopg.connect(
            host="127.0.0.1", port=server.port, user="u", dbname="d", sslmode="require", autocommit=True
        ) as client,
    ):
        assert len(client.execute("rows 10000").fetchall()) == 10_000


def test_the_oldest_version_is_1_2(certificates: Certificates) -> None:
    mine = certificates.server()
    context = load_tls_context(mine.certificate, mine.key).context
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_key_that_others_can_read_is_refused(certificates: Certificates, tmp_path: Path) -> None:
    mine = certificates.server()
    key = tmp_path / "open.key"
    key.write_bytes(mine.key.read_bytes())
    key.chmod(0o644)
    with pytest.raises(ConfigFileError, match="has group or world access"):
        load_tls_context(mine.certificate, key)


def test_files_that_are_no_good_are_named(certificates: Certificates, tmp_path: Path) -> None:
    mine, other = certificates.server(), certificates.client("other")
    missing = tmp_path / "missing"
    for certificate, key, authority in (
        (missing, mine.key, None),
        (mine.certificate, missing, None),
        (mine.certificate, other.key, None),
        (mine.certificate, mine.key, missing),
        (mine.certificate, mine.key, mine.key),
    ):
        with pytest.raises(ConfigFileError, match=r"could not (load|access)"):
            load_tls_context(certificate, key, authority)


def test_a_client_that_breaks_tls_is_cut_off(connect: Any, backend: FakeBackend) -> None:
    with contextlib.closing(connect()) as client:
        client.pgconn.send_query(b"rows 2000000 100")
        with socket.socket(fileno=client.fileno()) as below:
            below.sendall(b"garbage where a record should be")
            backend.closed.wait_for(1)
            below.detach()
    assert backend.sessions[0].is_closed
