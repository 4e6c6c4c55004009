"""Catalog functions: what pg_get_indexdef and its like say of an object."""

from __future__ import annotations

import pyarrow as pa

from .host import FunctionHost
from .registration import ANY, SqlFunction, each_row


def functions(host: FunctionHost) -> tuple[SqlFunction, ...]:
    """The functions, answered by a host; with side effects, since a catalog changes between executions."""

    def relation_size(oids: pa.Array, *fork: pa.Array) -> pa.Array:
        return each_row(host.relation_size, pa.int64(), oids.cast(pa.int64()))

    def index_definition(oids: pa.Array, *column_and_pretty: pa.Array) -> pa.Array:
        return each_row(host.index_definition, pa.string(), oids.cast(pa.int64()))

    def constraint_definition(oids: pa.Array, *pretty: pa.Array) -> pa.Array:
        return each_row(host.constraint_definition, pa.string(), oids.cast(pa.int64()))

    def is_visible(oids: pa.Array) -> pa.Array:
        return each_row(host.is_visible, pa.bool_(), oids)

    def regclass_in(sessions: pa.Array, names: pa.Array) -> pa.Array:
        return each_row(lambda session, name: _relation(host, session, name), pa.int64(), sessions, names)

    def regclass_out(sessions: pa.Array, values: pa.Array) -> pa.Array:
        def spell(session: int, value: int | str) -> str:
            number = value if isinstance(value, int) else _number(value)
            if number is None:
                return str(value)  # catalogs carry names
            return "-" if number == 0 else host.relation_name(session, number) or str(number)

        return each_row(spell, pa.string(), sessions, values)

    # ANY: the arguments that may be left out follow the oid.
    return (
        SqlFunction("sqlvec_relation_size", relation_size, ANY, "BIGINT", True),
        SqlFunction("sqlvec_get_indexdef", index_definition, ANY, "VARCHAR", True),
        SqlFunction("sqlvec_get_constraintdef", constraint_definition, ANY, "VARCHAR", True),
        SqlFunction("sqlvec_table_is_visible", is_visible, ("BIGINT",), "BOOLEAN", True),
        SqlFunction("sqlvec_regclass_in", regclass_in, ("BIGINT", "VARCHAR"), "BIGINT", True),
        SqlFunction("sqlvec_regclass_out", regclass_out, ANY, "VARCHAR", True),
        SqlFunction("sqlvec_get_expr", _expression, ANY, "VARCHAR"),
    )


def _relation(host: FunctionHost, session: int, name: str) -> int:
    number = _number(name)
    return host.relation_oid(session, name) if number is None else number


def _number(name: str) -> int | None:
    return int(name) if name.strip().isdecimal() else None


def _expression(texts: pa.Array, *relation_and_pretty: pa.Array) -> pa.Array:
    """Our pg_node_tree is the expression's own text."""
    return texts
