"""DataDirectory: the files of a cluster, its lock and its format version."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sqlvec.core.errors import InvalidCatalogName, IoError, ObjectInUse

FORMAT_VERSION = 1
_VERSION_FILE = "SQLVEC_VERSION"
_LOCK_FILE = "sqlvec.lock"


class DataDirectory:
    """A directory that this process holds the lock of until `close`.

    Layout: SQLVEC_VERSION, sqlvec.lock, databases/NAME/data.duckdb, databases/NAME/indexes/OID.index
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _make(path)
        self._lock = _take_lock(path / _LOCK_FILE)
        try:
            self._check_version()
        except BaseException:
            self.close()
            raise

    def database_file(self, name: str) -> Path:
        folder = self._database(name)
        _make(folder)
        return folder / "data.duckdb"

    def index_folder(self, name: str) -> Path:
        folder = self._database(name) / "indexes"
        _make(folder)
        return folder

    def _database(self, name: str) -> Path:
        if not name or "/" in name or name.startswith("."):
            raise InvalidCatalogName(f'database "{name}" does not exist')
        return self.path / "databases" / name

    def close(self) -> None:
        os.close(self._lock)

    def _check_version(self) -> None:
        file = self.path / _VERSION_FILE
        if not file.exists():
            others = [entry.name for entry in self.path.iterdir() if entry.name != _LOCK_FILE]
            if others:
                raise IoError(
                    f'directory "{self.path}" is not empty and is not a sqlvec data directory',
                    hint="Name an empty directory, or one that sqlvec made.",
                )
            file.write_text(f"{FORMAT_VERSION}\n")
            return
        text = file.read_text().strip()
        if text != str(FORMAT_VERSION):
            raise IoError(
                f'data directory "{self.path}" has format {text}, this sqlvec reads format {FORMAT_VERSION}'
            )


def _make(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else reads what is in it
    except OSError as error:
        raise IoError(f'could not create directory "{path}": {error.strerror}') from error


def _take_lock(path: Path) -> int:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise IoError(f'could not open lock file "{path}": {error.strerror}') from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
        os.close(handle)
        raise ObjectInUse(
            f'data directory "{path.parent}" is in use by another sqlvec server (PID {owner})',
            hint="Stop that server, or choose another directory.",
        ) from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle
