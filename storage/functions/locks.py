"""Functions that take and tell locks, and that signal other sessions."""

from __future__ import annotations

import pyarrow as pa

from .host import FunctionHost
from .registration import SqlFunction, each_row


def functions(host: FunctionHost) -> tuple[SqlFunction, ...]:
    """The functions, answered by a host."""

    def advisory(sessions: pa.Array, operations: pa.Array, keys: pa.Array) -> pa.Array:
        return each_row(host.advisory_lock, pa.bool_(), sessions, operations, keys)

    def unlock_all(sessions: pa.Array) -> pa.Array:
        return each_row(host.advisory_unlock_all, pa.string(), sessions)

    def cancel_backend(sessions: pa.Array, processes: pa.Array) -> pa.Array:
        return each_row(host.cancel_backend, pa.bool_(), sessions, processes)

    def terminate_backend(sessions: pa.Array, processes: pa.Array) -> pa.Array:
        return each_row(host.terminate_backend, pa.bool_(), sessions, processes)

    def blocking_pids(processes: pa.Array) -> pa.Array:
        return each_row(host.blocking_pids, pa.list_(pa.int64()), processes)

    return (
        SqlFunction("sqlvec_advisory", advisory, ("BIGINT", "VARCHAR", "BIGINT[]"), "BOOLEAN", True),
        SqlFunction("sqlvec_advisory_unlock_all", unlock_all, ("BIGINT",), "VARCHAR", True),
        SqlFunction("sqlvec_cancel_backend", cancel_backend, ("BIGINT", "BIGINT"), "BOOLEAN", True),
        SqlFunction("sqlvec_terminate_backend", terminate_backend, ("BIGINT", "BIGINT"), "BOOLEAN", True),
        SqlFunction("sqlvec_blocking_pids", blocking_pids, ("BIGINT",), "BIGINT[]", True),
    )
