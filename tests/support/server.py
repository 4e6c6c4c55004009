"""Server: a real `sqlvec serve` in a process of its own, over a directory that outlives it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import pytest

READY = "sqlvec: ready on "
PATIENCE = 30  # seconds for a clean shutdown


class Server:
    """Starts when it is made; `kill` is as a power cut to the process, `start` brings it back."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.directory = directory
        self._arguments = arguments
        self._log = directory.with_name(directory.name + ".log")
        self.host = ""
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        command = [sys.executable, "-m", "sqlvec", "serve", "--port", "0", "--data", str(self.directory)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self._arguments], stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()  # at once the end of the stream when the server dies
        if not ready.startswith(READY):
            self.kill()
            pytest.fail(f"sqlvec did not start: {ready!r}\n{self.log()}")
        self.host, _, port = ready.removeprefix(READY).split()[0].rpartition(":")
        self.port = int(port)

    def log(self) -> str:
        """All that it has written to stderr."""
        return self._log.read_text(errors="replace")

    @property
    def uri(self) -> str:
        """A connection string of libpq."""
        return f"host={self.host} port={self.port} user=postgres dbname=postgres"

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """A connection through psycopg, in autocommit unless asked otherwise."""
        return psycopg.connect(self.uri, **{"autocommit": True, "connect_timeout": 10, **options})

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            process.wait(timeout=PATIENCE)
        finally:
            process.kill()
            assert process.stdout is not None
            process.stdout.close()
        return process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the module's own."""
    with Server(tmp_path_factory.mktemp("sqlvec") / "data") as running:
        yield running


@pytest.fixture
def connection(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A psycopg connection in autocommit."""
    with server.connect() as connected:
        yield connected
