from __future__ import annotations

import socket

import pytest

from sqlvec.wire.socket_options import SocketOptions


def test_options_reach_the_socket() -> None:
    with socket.socket() as connected:
        SocketOptions(11, 12, 3, 4000).apply(connected)
        assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 11
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 12
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 3
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 4000


def test_zero_is_the_systems_default() -> None:
    effective = SocketOptions(tcp_keepalives_count=3).effective()
    assert effective.tcp_keepalives_count == 3
    with socket.socket() as fresh:
        assert effective.tcp_keepalives_idle == fresh.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)


def test_what_the_system_lacks_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_KEEPIDLE")
    assert SocketOptions(tcp_keepalives_idle=11).effective().tcp_keepalives_idle == 0
