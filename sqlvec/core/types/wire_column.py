"""Wire columns: Arrow arrays of wire values, and the few ways to make and take them apart without a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import CharacterNotInRepertoire, InvalidBinaryRepresentation

from .pg_type import WireValue

Bools: TypeAlias = npt.NDArray[np.bool_]
Octets: TypeAlias = npt.NDArray[np.uint8]
Offsets: TypeAlias = npt.NDArray[np.int64]
Result = TypeVar("Result")

_SHORT = 16  # bytes
_WORKERS = ThreadPoolExecutor(thread_name_prefix="sqlvec-codec")  # starts no thread before the first use


def text_column(values: Sequence[WireValue]) -> pa.LargeStringArray:
    """Text wire values as strings, refusing what is not UTF-8 and zero bytes as PostgreSQL does."""
    octets = binary_column(values)
    try:
        strings = octets.cast(pa.large_string())
    except pa.ArrowInvalid:
        _raise_invalid_utf8(octets)
    if b"\x00" in _data(octets):
        raise CharacterNotInRepertoire('invalid byte sequence for encoding "UTF8": 0x00')
    return strings


def binary_column(values: Sequence[WireValue]) -> pa.LargeBinaryArray:
    """Wire values as Arrow binary."""
    if len(values) and values[0] is not None and len(values[0]) > _SHORT and None not in values:
        # Arrow grows its buffer value by value, which for long values costs ten times the copying.
        lengths = np.fromiter(map(len, values), np.int64, len(values))  # type: ignore[arg-type]
        data = np.frombuffer(b"".join(values), np.uint8)  # type: ignore[arg-type]
        return from_lengths(lengths, data, np.ones(len(values), np.bool_))
    array = pa.array(values, pa.large_binary())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def to_wire(strings: pa.Array) -> pa.LargeBinaryArray:
    """Strings of any width as wire values."""
    if pa.types.is_large_binary(strings.type):
        return strings
    return strings.cast(pa.large_binary())


def validity(array: pa.Array) -> Bools:
    """True where a value is not null."""
    if array.null_count == 0:
        return np.ones(len(array), np.bool_)
    valid: Bools = pc.is_valid(array).to_numpy(zero_copy_only=False)
    return valid


def null_mask(valid: Bools) -> pa.Array | None:
    """The `mask` argument of pa.array() for a validity, None where nothing is null."""
    return None if valid.all() else ~valid


def validity_buffer(valid: Bools) -> pa.Buffer | None:
    """A validity as an Arrow bitmap, None where nothing is null."""
    if valid.all():
        return None
    return pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())


def with_validity(array: pa.Array, valid: Bools) -> pa.Array:
    """The array with nulls where `valid` is false."""
    if valid.all():
        return array
    return pc.if_else(pa.array(valid), array, pa.scalar(None, array.type))


def from_matrix(matrix: Octets, valid: Bools) -> pa.LargeBinaryArray:
    """Rows of a uint8 matrix as wire values; `matrix` has a row for every valid value only."""
    lengths = np.where(valid, matrix.shape[1], 0)
    return from_lengths(lengths, np.ascontiguousarray(matrix), valid)


def from_lengths(lengths: npt.NDArray[Any], data: Octets, valid: Bools) -> pa.LargeBinaryArray:
    """Wire values that lie one after another in `data`."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [validity_buffer(valid), pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), len(lengths), buffers)


def to_matrix(values: Sequence[WireValue], width: int) -> tuple[Octets, Bools]:
    """Values of one fixed width as a uint8 matrix with a row per valid value, and the validity."""
    octets = binary_column(values)
    valid = validity(octets)
    if not bool((pc.binary_length(octets).drop_null().to_numpy() == width).all()):
        raise_incorrect_binary()
    matrix = np.frombuffer(_data(octets), np.uint8).reshape(-1, width)
    return matrix, valid


def spread(valid_values: npt.NDArray[Any], valid: Bools) -> npt.NDArray[Any]:
    """Values of the valid rows put at their rows; the other rows are zero."""
    if len(valid_values) == len(valid):
        return valid_values
    out = np.zeros(len(valid), valid_values.dtype)
    out[valid] = valid_values
    return out


def flat_octets(array: pa.LargeBinaryArray) -> tuple[Octets, Offsets]:
    """The bytes of a large binary or string array and the offsets of its rows in them."""
    offsets = array.buffers()[1]
    if offsets is None or len(array) == 0:
        return np.zeros(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    rows = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    data = array.buffers()[2]
    octets = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return octets[rows[0] : rows[-1]], rows - rows[0]


def flat_lists(lists: pa.Array) -> tuple[pa.Array, Offsets, Bools]:
    """Items of a list array, the offsets of its rows in them, and the validity; slices and nulls obeyed."""
    valid = validity(lists)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(lengths * valid, out=offsets[1:])
    return lists.flatten(), offsets, valid


def join_rows(
    items: pa.LargeStringArray,
    offsets: Offsets,
    valid: Bools,
    brackets: tuple[str, str],
    separator: str = ",",
) -> pa.LargeBinaryArray:
    """Items (no nulls) between brackets and separators, one wire value per row of `offsets`."""
    data, places = flat_octets(join_octets(separator.encode(), items))
    data = data.copy()
    filled = offsets[1:] > offsets[:-1]
    # Every item brought a separator in front; at the head of a row that place takes the bracket.
    data[places[offsets[:-1][filled]]] = ord(brackets[0])
    rows = from_lengths(np.diff(places[offsets]), data, np.ones(len(valid), np.bool_))
    close = pc.if_else(pa.array(filled), _octets(brackets[1]), _octets("".join(brackets)))
    return with_validity(join_octets(rows, close), valid)


def join_octets(*parts: pa.Array | bytes) -> pa.LargeBinaryArray:
    """Wire values put together piece by piece; null where a piece is null."""
    pieces = [
        pa.scalar(part, pa.large_binary()) if isinstance(part, bytes) else to_wire(part) for part in parts
    ]
    return pc.binary_join_element_wise(*pieces, pa.scalar(b"", pa.large_binary()))


def _octets(text: str) -> pa.Scalar:
    return pa.scalar(text.encode(), pa.large_binary())


def length_prefixed(octets: pa.LargeBinaryArray) -> pa.LargeBinaryArray:
    """Every value behind its int32 length, -1 for null: how arrays, rows and COPY hold values in binary."""
    valid = validity(octets)
    sizes = np.where(valid, np.diff(flat_octets(octets)[1]), -1).astype(">i4")
    prefixes = from_lengths(np.full(len(valid), 4), sizes.view(np.uint8), np.ones(len(valid), np.bool_))
    return join_octets(prefixes, octets.fill_null(b""))


def in_slices(function: Callable[[pa.Array], pa.Array], array: pa.Array, rows: int) -> pa.Array:
    """A function of whole arrays on slices of one, in parallel, and the results put together."""
    return pa.concat_arrays(run_slices(function, array, rows))


def run_slices(function: Callable[[pa.Array], Result], array: pa.Array, rows: int) -> list[Result]:
    """A function of whole arrays on slices of one. Arrow and numpy let other threads run meanwhile."""
    if len(array) <= rows:
        return [function(array)]
    slices = [array.slice(start, rows) for start in range(0, len(array), rows)]
    return list(_WORKERS.map(function, slices))


def by_value(function: Callable[[str], Any], strings: pa.Array, arrow: pa.DataType) -> pa.Array:
    """`function` on every distinct string: for texts whose grammar no vectorised parser knows."""
    encoded = strings.dictionary_encode()
    return pa.array([function(text) for text in encoded.dictionary.to_pylist()], arrow).take(encoded.indices)


def raise_incorrect_binary(detail: str | None = None) -> NoReturn:
    """22P03, the answer to binary values of the wrong length."""
    raise InvalidBinaryRepresentation("incorrect binary data format", detail=detail)


def _data(octets: pa.LargeBinaryArray) -> bytes:
    return flat_octets(octets)[0].tobytes()


def _raise_invalid_utf8(octets: pa.LargeBinaryArray) -> NoReturn:
    for value in octets.drop_null().to_pylist():  # only one value is at fault, and Arrow does not say which
        try:
            value.decode()
        except UnicodeDecodeError as error:
            wrong = " ".join(
                f"0x{octet:02x}" for octet in value[error.start : max(error.end, error.start + 1)]
            )
            raise CharacterNotInRepertoire(f'invalid byte sequence for encoding "UTF8": {wrong}') from error
    raise AssertionError("Arrow refused UTF-8 that Python accepts")
