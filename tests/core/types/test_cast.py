"""to_carrier: Arrow arrays as DuckDB exports them become what the codecs take."""

from __future__ import annotations

import decimal
import uuid

import pyarrow as pa
import pytest

from sqlvec.core.errors import SqlError
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import RECORD, type_by_name

PLAIN = OutputFormat()
UUID = uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
INFINITY = pa.array([2**63 - 1]).view(pa.timestamp("us", "Etc/UTC"))


@pytest.mark.parametrize(("array", "name", "text"), [
    (pa.array([1], pa.int32()), "int8", "1"),
    (pa.array([decimal.Decimal(5)], pa.decimal128(38, 0)), "int8", "5"),
    (pa.array([2**63], pa.uint64()), "numeric", "9223372036854775808"),
    (pa.array(["a"]).dictionary_encode(), "text", "a"),
    (pa.array(["a"], pa.large_string()), "text", "a"),
    (pa.array([UUID.bytes], pa.binary(16)), "uuid", str(UUID)),
    (pa.array([[1]], pa.list_(pa.int32())), "_int8", "{1}"),
    (pa.array([[[1], [2]]], pa.list_(pa.list_(pa.int32()))), "_int8", "{{1},{2}}"),
    (pa.array([0], pa.timestamp("us", "Etc/UTC")), "timestamptz", "1970-01-01 00:00:00+00"),
    (INFINITY, "timestamptz", "infinity"),
    (pa.array([[1.5, 2.5]], pa.list_(pa.float64())), "vector", "[1.5,2.5]"),
    (pa.array([[1, 2]], pa.list_(pa.float32(), 2)), "_float4", "{1,2}"),
    (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())), "json", '{"a": 1}'),
    (pa.array([True]), "text", "true"),
    (pa.array([0], pa.timestamp("ns")), "timestamp", "1970-01-01 00:00:00"),
])  # fmt: skip
def test_exports_become_carriers(array, name, text):
    kind = type_by_name(name)
    assert kind.text.encode(to_carrier(array, kind), PLAIN)[0].as_py() == text.encode()


def test_an_array_that_is_right_stays_the_same_object():
    array = pa.array([1], pa.int32())
    assert to_carrier(array, type_by_name("int4")) is array


def test_slices_nulls_and_chunks_of_lists_are_kept():
    array = pa.chunked_array(
        [
            pa.array([[9], [1, 2], None, [3]], pa.list_(pa.int32())).slice(1),
            pa.array([[4]], pa.list_(pa.int32())),
        ]
    )
    assert to_carrier(array, type_by_name("_int8")).to_pylist() == [[1, 2], None, [3], [4]]


def test_a_column_of_nothing_takes_any_type():
    assert to_carrier(pa.nulls(2), type_by_name("vector")).null_count == 2


def test_structs_print_as_rows():
    array = pa.array([{"a": 1, "b": 'x "y"'}, {"a": None, "b": ""}, None])
    texts = RECORD.text.encode(to_carrier(array, RECORD), PLAIN).to_pylist()
    assert texts == [b'(1,"x ""y""")', b'(,"")', None]


def test_a_number_too_large_for_its_carrier_is_out_of_range():
    with pytest.raises(SqlError) as caught:
        to_carrier(pa.array([2**40]), type_by_name("int4"))
    assert caught.value.sqlstate == "22003"
