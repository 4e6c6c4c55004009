"""ParameterValues: the bound values of $1, $2 ... in the forms that DuckDB and searches want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import ProtocolViolation, SqlError
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.values import to_python


class ParameterValues:
    """Typed values, 1-based as in SQL."""

    def __init__(self, types: Sequence[PgType] = (), arrays: Sequence[pa.Array] = ()) -> None:
        self._types = tuple(types)
        self._arrays = tuple(arrays)

    @staticmethod
    def decode(
        types: Sequence[PgType], values: Sequence[bytes | None], formats: Sequence[int], statement: str
    ) -> ParameterValues:
        """From Bind's wire values."""
        if len(values) != len(types):
            raise ProtocolViolation(
                f"bind message supplies {len(values)} parameters, "
                f'but prepared statement "{statement}" requires {len(types)}'
            )
        arrays = [
            _decode(kind, value, _format(formats, i), i)
            for i, (kind, value) in enumerate(zip(types, values, strict=True))
        ]
        return ParameterValues(types, arrays)

    def python(self, numbers: frozenset[int]) -> dict[str, Any]:
        """The named values for DuckDB, of just these parameters."""
        return {str(n): to_python(self._types[n - 1], self._arrays[n - 1]) for n in sorted(numbers)}

    def is_vector(self, number: int) -> bool:
        return self._types[number - 1].name == "vector"

    def vector(self, number: int) -> npt.NDArray[np.float32] | None:
        """A vector parameter; None for NULL."""
        array = self._arrays[number - 1]
        if array.null_count:
            return None
        flat = array.flatten().to_numpy(zero_copy_only=False)
        return np.ascontiguousarray(flat, np.float32)

    def __len__(self) -> int:
        return len(self._arrays)


NONE = ParameterValues()


def _format(formats: Sequence[int], index: int) -> int:
    if not formats:
        return 0
    return formats[0] if len(formats) == 1 else formats[index]


def _decode(kind: PgType, value: bytes | None, format: int, index: int) -> pa.Array:
    codec = kind.binary if format == 1 else kind.text
    try:
        return codec.decode([value])
    except SqlError as error:
        error.where = error.where or f"unnamed portal parameter ${index + 1}"
        raise
