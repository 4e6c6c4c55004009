"""SqlFunction: one function of ours, and how DuckDB gets to call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any, Final

import pyarrow as pa

from sqlvec.core.errors import SqlError

from ..duck import Duck
from ..duck_errors import tagged

ANY: Final = None  # as `parameters`: one or more arguments of whatever type, all left as they are
INTERVAL: Final = pa.month_day_nano_interval()
_ARROW: Final[dict[str, pa.DataType]] = {
    "BIGINT": pa.int64(),
    "BIGINT[]": pa.list_(pa.int64()),
    "BLOB": pa.binary(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "FLOAT[]": pa.list_(pa.float32()),
    "INTEGER": pa.int32(),
    "INTERVAL": INTERVAL,
    "TIMESTAMP": pa.timestamp("us"),
    "JSON": pa.json_(pa.string()),
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
}

Implementation = Callable[..., pa.Array]


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """`function` takes whole Arrow arrays, nulls included, and gives one as long as they are.

    One with side effects is called for every row again: DuckDB neither folds nor drops nor shares it.
    """

    name: str
    function: Implementation
    parameters: tuple[str, ...] | None
    result: str
    has_side_effects: bool = False


def register(duck: Duck, function: SqlFunction) -> None:
    """Let SQL on every cursor call the function."""
    parameters = None if function.parameters is None else list(function.parameters)
    duck.create_function(
        function.name,
        _as_udf(function),
        parameters,  # type: ignore[arg-type,unused-ignore]
        function.result,
        side_effects=function.has_side_effects,
    )


def _as_udf(function: SqlFunction) -> Implementation:
    result = _ARROW[function.result]

    def udf(*columns: pa.ChunkedArray) -> pa.Array:
        try:
            return _as_type(function.function(*map(_whole, columns)), result)
        except SqlError as error:
            # DuckDB hands on nothing but the text, and translate() reads one line of it.
            raise ValueError(tagged(error.sqlstate, error.message.replace("\n", " "))) from error

    if function.parameters is not None:
        # DuckDB counts the parameters of the signature; *columns would be one.
        names = [Parameter(f"_{i}", Parameter.POSITIONAL_ONLY) for i in range(len(function.parameters))]
        udf.__signature__ = Signature(names)  # type: ignore[attr-defined]
    return udf


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _as_type(array: pa.Array, arrow: pa.DataType) -> pa.Array:
    if array.type == arrow:
        return array
    if isinstance(arrow, pa.JsonType):
        return pa.ExtensionArray.from_storage(arrow, array.cast(arrow.storage_type))
    return array.cast(arrow)


def each_row(function: Callable[..., Any], arrow: pa.DataType, *columns: pa.Array) -> pa.Array:
    """A strict function row by row: a null argument gives null. For what no kernel of Arrow or numpy does."""
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return pa.array([None if None in row else function(*row) for row in rows], arrow)
