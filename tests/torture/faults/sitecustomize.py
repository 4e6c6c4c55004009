"""Faults: kills the process at a chosen call, when this folder is on PYTHONPATH and SQLVEC_FAULT says which.

SQLVEC_FAULT=CALL:NTH:WHEN, e.g. `replace:2:before`: kill -9 before the second os.replace after SQLVEC_FAULT_ARMED
(a path) exists. The calls of index files are Python's, DuckDB's are seen as statements. So the product needs no hook.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALL, NTH, WHEN = ([*os.environ.get("SQLVEC_FAULT", "").split(":"), "", ""])[:3]
ARMED = Path(os.environ.get("SQLVEC_FAULT_ARMED", "/nowhere"))
_calls = 0


def around(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, and the end of the process before or after its nth call."""

    def call(*arguments: Any, **options: Any) -> Any:
        global _calls
        is_last = False
        if ARMED.exists():
            _calls += 1
            is_last = _calls == int(NTH)
        if is_last and WHEN == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*arguments, **options)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return call


def arm_writes(module: Any) -> None:
    """Each write of an index file."""
    module._SummingWriter.write = around(module._SummingWriter.write)


def arm_statement(module: Any) -> None:
    """DuckDB's COMMIT or CHECKPOINT."""
    run, ending = module.Cursor.run, around(module.Cursor.run)

    def call(cursor: Any, sql: str, *arguments: Any, **options: Any) -> Any:
        chosen = ending if sql == CALL.upper() else run
        return chosen(cursor, sql, *arguments, **options)

    module.Cursor.run = call


LATE = {
    "write": "sqlvec.storage.index.index_file",
    "commit": "sqlvec.storage.duck",
    "checkpoint": "sqlvec.storage.duck",
}


def arm() -> None:
    if CALL in LATE and "serve" in sys.orig_argv:
        module = __import__(LATE[CALL], fromlist=["x"])
        (arm_writes if CALL == "write" else arm_statement)(module)
    elif CALL in ("replace", "fsync", "unlink"):
        setattr(os, CALL, around(getattr(os, CALL)))


arm()
