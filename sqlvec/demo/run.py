"""Run: the demo from start to finish, and its exit code."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from .dataset import Dataset
from .loading import load
from .server import Server, ServerError
from .stage import Stage
from .tour import Mismatch, take_tour


def run_demo(keep: Path | None = None) -> int:
    """The whole demo; 0 if every answer was right. With `keep` its data stays in that directory."""
    stage = Stage()
    started = time.perf_counter()
    try:
        with _directory(keep) as directory:
            _demonstrate(stage, directory)
    except (Mismatch, ServerError, psycopg.Error, FileExistsError) as error:
        print(f"sqlvec: the demo failed: {str(error).strip()}", file=sys.stderr)
        return 1
    _farewell(stage, keep, time.perf_counter() - started)
    return 0


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with TemporaryDirectory(prefix="sqlvec-demo-") as parent:
            yield Path(parent) / "data"
    elif keep.exists():
        raise FileExistsError(f"{keep} exists already; give a directory that does not")
    else:
        yield keep


def _demonstrate(stage: Stage, directory: Path) -> None:
    server = Server(directory)
    try:
        stage.title("A server")
        stage.say(f"sqlvec serve --port 0 --data {directory}")
        seconds = server.start()
        stage.say(f"ready on 127.0.0.1:{server.port} after {seconds:.1f} s")
        dataset = Dataset.packaged()
        load(stage, server, dataset)
        with server.connect() as connection:
            take_tour(stage, connection, dataset)
        _restart(stage, server, dataset)
        server.stop()
    finally:
        server.kill()


def _restart(stage: Stage, server: Server, dataset: Dataset) -> None:
    query = {"query": dataset.vector_of("nginx")}
    stage.title("Restart, and the same answer")
    with server.connect() as connection:
        before = stage.run(connection, "nearest_names", query)
    server.stop()
    stage.say("SIGTERM: stopped")
    seconds = server.start()
    stage.say(f"started again: ready after {seconds:.1f} s")
    with server.connect() as connection:
        after = stage.run(connection, "nearest_names", query)
    if before != after:
        raise Mismatch("the answer after the restart is another")


def _farewell(stage: Stage, keep: Path | None, seconds: float) -> None:
    program = "sqlvec" if shutil.which("sqlvec") else str(Path(sys.executable).with_name("sqlvec"))
    data = f" --data {keep}" if keep else ""
    stage.title(f"All answers right, in {seconds:.0f} s")
    stage.say("Your own server, and three ways in:\n")
    stage.say(f"  {program} serve{data}")
    stage.say("  psql -h 127.0.0.1 -p 5432 -U postgres postgres")
    stage.say(f"  {program} shell")
    stage.say(
        "  python -c \"import psycopg; psycopg.connect('host=127.0.0.1 user=postgres dbname=postgres')\""
    )
    if not keep:
        stage.say(
            "\nThe demo's data is gone; `sqlvec demo --keep DIR` keeps it, to look around with the above."
        )
