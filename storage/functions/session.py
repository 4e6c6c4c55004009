"""Session functions: set_config, current_setting and pg_sleep."""

from __future__ import annotations

import time

import pyarrow as pa

from .host import FunctionHost
from .registration import ANY, SqlFunction, each_row

_SLICE = 0.02  # seconds between two looks for a cancel; DuckDB itself cannot stop a function of ours


def functions(host: FunctionHost) -> tuple[SqlFunction, ...]:
    """The functions, answered by a host."""

    def set_config(sessions: pa.Array, names: pa.Array, values: pa.Array, are_local: pa.Array) -> pa.Array:
        return each_row(host.set_config, pa.string(), sessions, names, values, are_local)

    def current_setting(sessions: pa.Array, names: pa.Array, missing_ok: pa.Array) -> pa.Array:
        return each_row(host.current_setting, pa.string(), sessions, names, missing_ok)

    def pg_sleep(seconds: pa.Array, sessions: pa.Array | None = None) -> pa.Array:
        callers = [None] * len(seconds) if sessions is None else sessions.to_pylist()
        for duration, session in zip(seconds.cast(pa.float64()).to_pylist(), callers, strict=True):
            if duration is not None:
                _sleep(host, duration, session)
        return pa.nulls(len(seconds), pa.int32())

    return (
        SqlFunction(
            "sqlvec_set_config", set_config, ("BIGINT", "VARCHAR", "VARCHAR", "BOOLEAN"), "VARCHAR", True
        ),
        SqlFunction(
            "sqlvec_current_setting", current_setting, ("BIGINT", "VARCHAR", "BOOLEAN"), "VARCHAR", True
        ),
        SqlFunction("sqlvec_pg_sleep", pg_sleep, ANY, "INTEGER", True),  # (DOUBLE seconds[, BIGINT session])
    )


def _sleep(host: FunctionHost, duration: float, session: int | None) -> None:
    end = time.monotonic() + duration
    while (left := end - time.monotonic()) > 0:
        host.check_interrupt(session)
        time.sleep(min(left, _SLICE))  # lets other threads run Python meanwhile
