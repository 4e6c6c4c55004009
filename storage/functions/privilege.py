"""Privilege functions: has_table_privilege and its kin, and the names of roles."""

from __future__ import annotations

import pyarrow as pa

from .host import FunctionHost
from .registration import SqlFunction, each_row

_TEXTS = ("VARCHAR",) * 5


def functions(host: FunctionHost) -> tuple[SqlFunction, ...]:
    """The functions, answered by a host; with side effects, since privileges change between executions."""

    def has_privilege(*columns: pa.Array) -> pa.Array:
        return each_row(host.has_privilege, pa.bool_(), *columns)

    def role_name(sessions: pa.Array, oids: pa.Array) -> pa.Array:
        return each_row(host.role_name, pa.string(), sessions, oids)

    return (
        SqlFunction("sqlvec_has_privilege", has_privilege, ("BIGINT", *_TEXTS), "BOOLEAN", True),
        SqlFunction("sqlvec_role_name", role_name, ("BIGINT", "BIGINT"), "VARCHAR", True),
    )
