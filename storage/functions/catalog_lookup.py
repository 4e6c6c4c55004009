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

    # ANY: the arguments that may be left out follow the oid.
    return (
        SqlFunction("sqlvec_relation_size", relation_size, ANY, "BIGINT", True),
        SqlFunction("sqlvec_get_indexdef", index_definition, ANY, "VARCHAR", True),
        SqlFunction("sqlvec_get_constraintdef", constraint_definition, ANY, "VARCHAR", True),
        SqlFunction("sqlvec_get_expr", _expression, ANY, "VARCHAR"),
    )


def _expression(texts: pa.Array, *relation_and_pretty: pa.Array) -> pa.Array:
    """Our pg_node_tree is the expression's own text."""
    return texts
