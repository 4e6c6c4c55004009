"""Server: `sqlvec serve` as a child process, as a user would start it."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

READY = re.compile(r"sqlvec: ready on (?P<host>.+):(?P<port>\d+) \(data: .*\)")
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class ServerError(Exception):
    """The server did not start or stop as it should; the message holds the end of its log."""


class Server:
    """A server over `directory` on a free port; `start` and `stop` may alternate."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = 0
        self._log = directory.with_name(directory.name + ".log")
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> float:
        """Waits until it accepts connections; returns the seconds that took."""
        command = [sys.executable, "-m", "sqlvec", "serve", "--host", "127.0.0.1", "--port", "0"]
        # Options of the user's own server must not leak into this one.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SQLVEC_")}
        started = time.perf_counter()
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.directory)],
                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        self.port = int(self._ready_line(self._process)["port"])
        return time.perf_counter() - started

    def _ready_line(self, process: subprocess.Popen[str]) -> re.Match[str]:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            line = process.stdout.readline() if selector.select(START_SECONDS) else ""
        match = READY.fullmatch(line.rstrip("\n"))
        if match is None:
            self.kill()
            raise ServerError(f"the server did not start: {line or 'no word from it'}\n{self._end_of_log()}")
        return match

    def stop(self) -> None:
        """SIGTERM, and waits for exit code 0."""
        process = self._process
        assert process is not None
        process.terminate()
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"the server did not stop\n{self._end_of_log()}") from None
        self._close()
        if code != 0:
            raise ServerError(f"the server ended with exit code {code}\n{self._end_of_log()}")

    def kill(self) -> None:
        """Ends it whatever it does; nothing if it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._close()

    def _close(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def connect(self) -> psycopg.Connection:
        conninfo = make_conninfo(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres")
        return psycopg.connect(conninfo, autocommit=True)

    def _end_of_log(self, lines: int = 20) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])
