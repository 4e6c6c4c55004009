"""Loading: the tables, their rows over COPY, the index; the slow parts behind progress bars."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

import psycopg
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sqlvec.example_data import sections

from .dataset import Dataset
from .server import Server
from .stage import Stage, sql_text

POLL_SECONDS = 0.1


def load(stage: Stage, server: Server, dataset: Dataset) -> None:
    """Makes the tables and the index, and fills them."""
    with server.connect() as connection:
        stage.title("Tables")
        stage.run(connection, "create_tables")
        stage.title("Rows, over COPY")
        copy_sections(connection)
        copy_packages(stage, connection, dataset)
        stage.title("An HNSW index")
        build_index(stage, server, connection)


def copy_sections(connection: psycopg.Connection) -> None:
    with connection.cursor() as cursor, cursor.copy(sql_text("copy_sections").encode()) as copy:
        for row in sections().to_pylist():
            copy.write(f'{row["section"]},"{row["label"]}",{row["is_code"]}\n')


def copy_packages(stage: Stage, connection: psycopg.Connection, dataset: Dataset) -> None:
    started = time.perf_counter()
    with _progress(stage) as progress:
        task = progress.add_task("COPY debian_packages", total=len(dataset))
        with connection.cursor() as cursor, cursor.copy(sql_text("copy_packages").encode()) as copy:
            for row in dataset.rows():
                copy.write_row(row)
                progress.advance(task)
    stage.say(f"{len(dataset):,} rows in {time.perf_counter() - started:.2f} s")


def build_index(stage: Stage, server: Server, connection: psycopg.Connection) -> None:
    """Runs CREATE INDEX and meanwhile asks, on a second connection, how far it is."""
    stage.show(sql_text("create_index"))
    started = time.perf_counter()
    with server.connect() as watcher, _progress(stage) as progress, ThreadPoolExecutor(1) as pool:
        task = progress.add_task("CREATE INDEX", total=None)
        build = pool.submit(connection.execute, sql_text("create_index").encode())
        while not _is_done(build):
            _show_progress(watcher, progress, task)
        build.result()
        progress.update(task, description="CREATE INDEX", total=1, completed=1)
    stage.say(f"built in {time.perf_counter() - started:.2f} s")


def _is_done(build: Future[psycopg.Cursor]) -> bool:
    return bool(wait([build], timeout=POLL_SECONDS).done)


def _show_progress(watcher: psycopg.Connection, progress: Progress, task: TaskID) -> None:
    row = watcher.execute(sql_text("progress").encode()).fetchone()
    if row is None:
        return
    phase, blocks_done, blocks_total, tuples_done, tuples_total = row
    done, total = (tuples_done, tuples_total) if tuples_total else (blocks_done, blocks_total)
    progress.update(task, description=f"CREATE INDEX: {phase}", completed=done or 0, total=total or None)


def _progress(stage: Stage) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=stage.console)
