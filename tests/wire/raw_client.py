"""Clients for tests: psycopg's, and a socket with bytes by hand."""

from __future__ import annotations

import contextlib
import socket

import psycopg

from sqlvec.wire.protocol.frontend_messages import FrontendMessage
from sqlvec.wire.server import Server
from tests.wire.client_side import startup, to_bytes

READY = b"Z\0\0\0\5I"


def connect(server: Server) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1", port=server.port, user="u", dbname="d", autocommit=True, sslmode="prefer"
    )


class RawClient:
    """A socket and the bytes a test sends by hand."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), 30)

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *messages: FrontendMessage) -> None:
        self.socket.sendall(b"".join(map(to_bytes, messages)))

    def read_until(self, end: bytes) -> bytes:
        received = b""
        while not received.endswith(end):
            piece = self.socket.recv(65536)
            assert piece, f"closed after {received!r}"
            received += piece
        return received

    def read_to_end(self) -> bytes:
        pieces = []
        with contextlib.suppress(ConnectionResetError):
            while piece := self.socket.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)

    def start(self) -> RawClient:
        self.send(startup(user="u"))
        self.read_until(READY)
        return self
