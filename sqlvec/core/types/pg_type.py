"""PgType: the one place where a PostgreSQL type's OID, Arrow carrier, DuckDB type and codecs meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa

from .output_format import OutputFormat

WireValue: TypeAlias = bytes | bytearray | memoryview | None

# One wire value per row: an Arrow large_binary array of the same length, nulls kept.
Encode: TypeAlias = Callable[[pa.Array, OutputFormat], pa.LargeBinaryArray]
# One row per wire value: an Arrow array of the type's carrier. Raises SqlError (22P02, 22003, 22007,
# 22008, 22P03, 22000) worded as PostgreSQL does.
Decode: TypeAlias = Callable[[Sequence[WireValue]], pa.Array]


@dataclass(frozen=True, slots=True)
class Codec:
    """How whole columns of a type become wire values and back, in one wire format."""

    encode: Encode
    decode: Decode


@dataclass(frozen=True, slots=True)
class PgType:
    """A PostgreSQL type as every room sees it.

    `arrow` is the carrier: what codecs take and give. `duckdb` is the storage type's SQL name; types
    with a modifier compute it (`duckdb_name`). `length` is pg_type.typlen (-1 = varlena).
    `output_cast` names the DuckDB type to cast a result column to before it leaves as Arrow, where
    DuckDB's own Arrow export loses information (timetz loses its zone).
    """

    name: str
    oid: int
    array_oid: int
    length: int
    category: str
    arrow: pa.DataType
    duckdb: str
    text: Codec
    binary: Codec
    display: str = ""  # format_type()'s spelling where it is not the name: "integer", "double precision"
    element: PgType | None = None  # for arrays
    output_cast: str | None = None
    preferred: bool = False  # pg_type.typispreferred
    delimiter: str = ","
    duckdb_with_typmod: Callable[[int], str] | None = None

    def duckdb_name(self, typmod: int = -1) -> str:
        """The DuckDB type that stores this type with this modifier: vector(3) is FLOAT[3]."""
        if typmod >= 0 and self.duckdb_with_typmod is not None:
            return self.duckdb_with_typmod(typmod)
        return self.duckdb

    @property
    def sql_name(self) -> str:
        """The name that format_type() prints, without modifier."""
        return self.display or self.name

    @property
    def is_array(self) -> bool:
        """Whether values are arrays of `element`."""
        return self.element is not None
