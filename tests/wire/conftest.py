"""A running server over a FakeBackend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqlvec.wire.server import Server
from tests.support.fake_backend import FakeBackend


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def server(backend: FakeBackend) -> Iterator[Server]:
    with Server(backend, port=0) as running:
        yield running
