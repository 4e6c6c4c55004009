"""Sequence functions: nextval, currval, setval, lastval, and the state that a sequence shows as a table."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from .host import FunctionHost
from .registration import SqlFunction, each_row


def functions(host: FunctionHost) -> tuple[SqlFunction, ...]:
    """The functions, answered by a host; each has side effects, since what it gives changes between rows."""

    def nextval(sessions: pa.Array, oids: pa.Array, randoms: pa.Array) -> pa.Array:
        """`randoms` only keeps DuckDB from calling once for all rows."""
        return _drawn(host.nextval, sessions, oids)

    def next_identity(sessions: pa.Array, oids: pa.Array, randoms: pa.Array) -> pa.Array:
        return _drawn(host.next_identity, sessions, oids)

    def currval(sessions: pa.Array, oids: pa.Array) -> pa.Array:
        return each_row(host.currval, pa.int64(), sessions, oids)

    def setval(sessions: pa.Array, oids: pa.Array, values: pa.Array, are_called: pa.Array) -> pa.Array:
        return each_row(host.setval, pa.int64(), sessions, oids, values, are_called)

    def lastval(sessions: pa.Array) -> pa.Array:
        return each_row(host.lastval, pa.int64(), sessions)

    def sequence_state(oids: pa.Array) -> pa.Array:
        return each_row(host.sequence_state, pa.list_(pa.int64()), oids)

    session_and_oid = ("BIGINT", "BIGINT")
    return (
        SqlFunction("sqlvec_nextval", nextval, (*session_and_oid, "DOUBLE"), "BIGINT", True),
        SqlFunction("sqlvec_next_identity", next_identity, (*session_and_oid, "DOUBLE"), "BIGINT", True),
        SqlFunction("sqlvec_currval", currval, session_and_oid, "BIGINT", True),
        SqlFunction("sqlvec_setval", setval, (*session_and_oid, "BIGINT", "BOOLEAN"), "BIGINT", True),
        SqlFunction("sqlvec_lastval", lastval, ("BIGINT",), "BIGINT", True),
        SqlFunction("sqlvec_sequence_state", sequence_state, ("BIGINT",), "BIGINT[]", True),
    )


def _drawn(draw: Callable[[int, int, int], list[int]], sessions: pa.Array, oids: pa.Array) -> pa.Array:
    """A fresh value per row; those of one session and sequence are drawn together."""
    calls = list(zip(sessions.to_pylist(), oids.to_pylist(), strict=True))
    drawn = {call: iter(draw(*call, calls.count(call))) for call in dict.fromkeys(calls) if None not in call}
    return pa.array([next(drawn[call]) if call in drawn else None for call in calls], pa.int64())
