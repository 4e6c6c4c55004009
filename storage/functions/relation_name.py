"""Relation names: regclass in and out, and what is found or visible by a name."""

from __future__ import annotations

import pyarrow as pa

from sqlvec.core.errors import UndefinedTable

from .host import FunctionHost
from .registration import ANY, SqlFunction, each_row


def functions(host: FunctionHost) -> tuple[SqlFunction, ...]:
    """The functions, answered by a host; with side effects, since a catalog changes between executions."""

    def is_visible(sessions: pa.Array, oids: pa.Array) -> pa.Array:
        return each_row(host.is_visible, pa.bool_(), sessions, oids)

    def serial_sequence(sessions: pa.Array, tables: pa.Array, columns: pa.Array) -> pa.Array:
        return each_row(host.serial_sequence, pa.string(), sessions, tables, columns)

    def to_regclass(sessions: pa.Array, names: pa.Array) -> pa.Array:
        def oid(session: int, name: str) -> int | None:
            try:
                return _relation(host, session, name)
            except UndefinedTable:
                return None

        return each_row(oid, pa.int64(), sessions, names)

    def regclass_in(sessions: pa.Array, names: pa.Array) -> pa.Array:
        return each_row(lambda session, name: _relation(host, session, name), pa.int64(), sessions, names)

    def regclass_out(sessions: pa.Array, values: pa.Array) -> pa.Array:
        def spell(session: int, value: int | str) -> str:
            number = value if isinstance(value, int) else _number(value)
            if number is None:
                return str(value)  # catalogs carry names
            return "-" if number == 0 else host.relation_name(session, number) or str(number)

        return each_row(spell, pa.string(), sessions, values)

    return (
        SqlFunction("sqlvec_table_is_visible", is_visible, ("BIGINT", "BIGINT"), "BOOLEAN", True),
        SqlFunction(
            "sqlvec_serial_sequence", serial_sequence, ("BIGINT", "VARCHAR", "VARCHAR"), "VARCHAR", True
        ),
        SqlFunction("sqlvec_to_regclass", to_regclass, ("BIGINT", "VARCHAR"), "BIGINT", True),
        SqlFunction("sqlvec_regclass_in", regclass_in, ("BIGINT", "VARCHAR"), "BIGINT", True),
        SqlFunction("sqlvec_regclass_out", regclass_out, ANY, "VARCHAR", True),
    )


def _relation(host: FunctionHost, session: int, name: str) -> int:
    number = _number(name)
    return host.relation_oid(session, name) if number is None else number


def _number(name: str) -> int | None:
    return int(name) if name.strip().isdecimal() else None
