"""Logging in to a real server, through real clients: passwords, TLS, limits."""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import psycopg
import pytest

import sqlvec
from sqlvec.config import ConfigError
from tests.support.certificates import Certificates
from tests.support.server import Server

PSQL = shutil.which("psql")
needs_psql = pytest.mark.skipif(PSQL is None, reason="psql is not installed")
RULES = (
    "hostnossl all local all scram-sha-256; hostssl sqlvec all all cert; hostssl all all all scram-sha-256"
)
WRONG = 'password authentication failed for user "{}"'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    """With a password, TLS, and no way in without both."""
    folder = tmp_path_factory.mktemp("login")
    password = folder / "password"
    password.write_text("geheim\n")
    mine = certificates.server()
    options = {
        "--password-file": password, "--hba": RULES, "--tls-cert": mine.certificate, "--tls-key": mine.key,
        "--tls-ca": certificates.authority, "--max-connections": 5, "--superuser-reserved-connections": 2,
        "--authentication-timeout": "1s", "--tcp-keepalives-idle": "77s",
    }  # fmt: skip
    arguments = [str(word) for pair in options.items() for word in pair]
    with Server(folder / "data", *arguments) as running:
        yield running


def psql(server: Server, sql: str, conninfo: str, password: str | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if password is not None:
        environment["PGPASSWORD"] = password
    uri = (
        f"host=localhost hostaddr=127.0.0.1 port={server.port} dbname=postgres connect_timeout=10 {conninfo}"
    )
    done = subprocess.run(
        [PSQL or "psql", "-XAtw", "-c", sql, uri], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout


@needs_psql
def test_psql_by_verify_full_with_channel_binding(server: Server, certificates: Certificates) -> None:
    conninfo = (
        f"user=postgres sslmode=verify-full sslrootcert={certificates.authority} channel_binding=require"
    )
    assert psql(server, "select 6 * 7", conninfo, "geheim") == "42\n"


@needs_psql
@pytest.mark.parametrize(("user", "password"), [("postgres", "wrong"), ("nobody", "geheim")])
def test_psql_with_a_wrong_password_or_an_unknown_user(server: Server, user: str, password: str) -> None:
    assert f"FATAL:  {WRONG.format(user)}" in psql(
        server, "select 1", f"user={user} sslmode=require", password
    )


@needs_psql
def test_psql_without_a_password(server: Server) -> None:
    assert "no password supplied" in psql(server, "select 1", "user=postgres sslmode=require")


@needs_psql
def test_psql_in_plaintext(server: Server) -> None:
    told = psql(server, "select 1", "user=postgres sslmode=disable", "geheim")
    assert (
        'no pg_hba.conf entry for host "127.0.0.1", user "postgres", database "postgres", no encryption'
        in told
    )


@needs_psql
def test_psql_with_a_client_certificate(server: Server, certificates: Certificates) -> None:
    mine = certificates.client("postgres")
    conninfo = f"user=postgres dbname=sqlvec sslmode=require sslcert={mine.certificate} sslkey={mine.key}"
    assert psql(server, "select 6 * 7", conninfo) == "42\n"


def test_psycopg(server: Server, certificates: Certificates) -> None:
    with server.connect(
        password="geheim", sslmode="verify-full", sslrootcert=str(certificates.authority)
    ) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match=WRONG.format("postgres")):
        server.connect(password="wrong", sslmode="require")
    with pytest.raises(psycopg.OperationalError, match=WRONG.format("nobody")):
        server.connect(user="nobody", password="geheim", sslmode="require")


def test_asyncpg(server: Server, certificates: Certificates) -> None:
    context = ssl.create_default_context(cafile=certificates.authority)

    async def connect(user: str, password: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=server.port, user=user, database="postgres", password=password, ssl=context
        )
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()

    async def is_refused(user: str, password: str) -> None:
        with pytest.raises(asyncpg.InvalidPasswordError, match=WRONG.format(user)) as failure:
            await connect(user, password)
        assert failure.value.sqlstate == "28P01"
        await asyncio.sleep(0.1)  # asyncpg closes its socket a little later

    asyncio.run(connect("postgres", "geheim"))
    for user, password in (("postgres", "wrong"), ("nobody", "geheim")):
        asyncio.run(is_refused(user, password))


def test_one_client_too_many(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(server.connect(password="geheim", sslmode="require"))
        with pytest.raises(psycopg.OperationalError, match="sorry, too many clients already"):
            server.connect(password="geheim", sslmode="require")


def test_a_client_that_trickles_is_put_out(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 30) as silent:
        silent.sendall(b"\0\0\0")
        assert silent.recv(1) == b""


def test_a_client_that_owes_its_password_is_told(server: Server) -> None:
    packet = b"\0\3\0\0user\0local\0\0"
    with socket.create_connection(("127.0.0.1", server.port), 30) as silent:
        silent.sendall((len(packet) + 4).to_bytes(4, "big") + packet)
        received = b""
        while piece := silent.recv(65536):
            received += piece
    assert b"SCRAM-SHA-256" in received
    assert b"canceling authentication due to timeout" in received


def test_show_tells_what_is_in_force(server: Server, certificates: Certificates) -> None:
    shown = {
        "max_connections": "5",
        "superuser_reserved_connections": "2",
        "authentication_timeout": "1s",
        "port": str(server.port),
        "listen_addresses": "127.0.0.1",
        "ssl": "on",
        "ssl_ca_file": str(certificates.authority),
        "ssl_min_protocol_version": "TLSv1.2",
        "password_encryption": "scram-sha-256",
        "tcp_keepalives_idle": "77",
    }
    with server.connect(password="geheim", sslmode="require") as connection:
        for name, value in shown.items():
            assert connection.execute(f"SHOW {name}").fetchone() == (value,)
        assert int(connection.execute("SHOW tcp_keepalives_count").fetchone()[0]) > 0  # the system's
        with pytest.raises(psycopg.errors.CantChangeRuntimeParam):
            connection.execute("SET port = 1")
        row = connection.execute(
            "SELECT setting, unit FROM pg_settings WHERE name = 'authentication_timeout'"
        )
        assert row.fetchone() == ("1", "s")


def test_the_password_outlives_the_server_and_its_environment(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("first")
    with Server(tmp_path / "data", "--password-file", str(password)) as server:
        server.connect(password="first").close()
    password.write_text("second")
    with Server(tmp_path / "data", "--password-file", str(password)) as server:
        server.connect(password="first").close()
        assert "the password given is not the stored one" in server.log()
    with Server(tmp_path / "data") as server, pytest.raises(psycopg.OperationalError, match="no password"):
        server.connect()


def test_a_server_open_to_strangers_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sqlvec", "serve", "--port", "0", "--host", "0.0.0.0"]
    done = subprocess.run(
        [*command, "--data", str(tmp_path / "data")], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "sqlvec: refusing to listen on 0.0.0.0" in done.stderr


def test_an_embedded_database_can_be_served_with_a_password() -> None:
    with sqlvec.connect(":memory:") as database, sqlvec.serve(database, password="geheim") as serving:
        address = f"host=127.0.0.1 port={serving.port} user=postgres dbname=postgres"
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(address)
        psycopg.connect(address, password="geheim").close()


def test_an_embedded_database_is_not_opened_to_strangers() -> None:
    with sqlvec.connect(":memory:") as database, pytest.raises(ConfigError, match="refusing to listen"):
        sqlvec.serve(database, "0.0.0.0")


@pytest.mark.parametrize(
    ("setting", "begin", "sqlstate"),
    [
        ("idle_session_timeout", "SELECT 1", "57P05"),
        ("idle_in_transaction_session_timeout", "BEGIN", "25P03"),
    ],
)
def test_who_is_idle_too_long_is_put_out(server: Server, setting: str, begin: str, sqlstate: str) -> None:
    connection = server.connect(password="geheim", sslmode="require")
    connection.execute(f"SET {setting} = '100ms'")
    connection.execute(begin)
    select.select([connection.fileno()], [], [], 30)
    with pytest.raises(psycopg.Error, match="terminating connection due to idle") as failure:
        connection.execute("SELECT 1")
    assert failure.value.sqlstate == sqlstate
    connection.close()


def presented(server: Server) -> bytes | None:
    """The certificate that the server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["postgresql"])
    plain = socket.create_connection((server.host, server.port), 30)
    with context.wrap_socket(plain) as client:
        return client.getpeercert(binary_form=True)


def test_sighup_reads_the_certificate_again(tmp_path: Path, certificates: Certificates) -> None:
    first, second = certificates.server(), certificates.client("second")
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    shutil.copy(first.certificate, certificate)
    shutil.copy(first.key, key)
    with Server(tmp_path / "data", "--tls-cert", str(certificate), "--tls-key", str(key)) as server:
        assert server.process is not None
        shown = presented(server)
        with server.connect(sslmode="require") as connection:
            certificate.write_text("broken")
            server.process.send_signal(signal.SIGHUP)
            while "the certificate stays as it was" not in server.log():
                connection.execute("SELECT 1")
            assert presented(server) == shown
            shutil.copy(second.certificate, certificate)
            shutil.copy(second.key, key)
            server.process.send_signal(signal.SIGHUP)
            while presented(server) == shown:
                connection.execute("SELECT 1")
