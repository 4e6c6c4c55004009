"""SQL functions of ours that run inside DuckDB."""

from __future__ import annotations

from ..duck import Duck
from . import (
    array_shape,
    array_text,
    catalog_lookup,
    datetime_format,
    distance,
    encoding,
    format,
    interval,
    json_access,
    jsonb_containment,
    jsonb_editing,
    jsonb_order,
    locks,
    number,
    number_division,
    number_format,
    pattern,
    privilege,
    quoting,
    relation_name,
    sequence,
    session,
    type_name,
    vector,
    vector_aggregate,
)
from .host import FunctionHost
from .registration import SqlFunction, register


def all_functions(host: FunctionHost) -> tuple[SqlFunction, ...]:
    """Every function of ours."""
    return (
        *distance.FUNCTIONS,
        *vector.FUNCTIONS,
        *vector_aggregate.FUNCTIONS,
        *json_access.FUNCTIONS,
        *jsonb_containment.FUNCTIONS,
        *jsonb_editing.FUNCTIONS,
        *jsonb_order.FUNCTIONS,
        *quoting.FUNCTIONS,
        *encoding.FUNCTIONS,
        *pattern.FUNCTIONS,
        *array_text.FUNCTIONS,
        *array_shape.FUNCTIONS,
        *format.FUNCTIONS,
        *datetime_format.FUNCTIONS,
        *number_format.FUNCTIONS,
        *type_name.FUNCTIONS,
        *number.FUNCTIONS,
        *number_division.FUNCTIONS,
        *interval.FUNCTIONS,
        *sequence.functions(host),
        *session.functions(host),
        *privilege.functions(host),
        *locks.functions(host),
        *catalog_lookup.functions(host),
        *relation_name.functions(host),
    )


def install(duck: Duck, host: FunctionHost) -> None:
    """Register every function of ours; before duck.lock() or after it."""
    for function in all_functions(host):
        register(duck, function)


__all__ = ["FunctionHost", "SqlFunction", "all_functions", "install"]
