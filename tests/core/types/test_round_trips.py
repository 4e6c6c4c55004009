"""Every type: values survive text and binary, alone, in arrays, in slices and among nulls."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import SCALARS, TYPES, array_of, type_by_name

PLAIN = OutputFormat()
RANDOM = random.Random(20240102)

# Canonical texts: what goes in comes out. Types without an entry are listed below with the reason.
TEXTS: dict[str, list[str]] = {
    "bool": ["t", "f"],
    "bytea": ["\\x", "\\x00ff", "\\xdeadbeef"],
    "char": ["a", "", "é"[:0]],
    "name": ["a", "x" * 63],
    "int8": ["0", "-9223372036854775808", "9223372036854775807"],
    "int2": ["0", "-32768", "32767"],
    "int4": ["0", "-2147483648", "2147483647", *(str(RANDOM.randint(-(10**9), 10**9)) for _ in range(50))],
    "int2vector": ["1 2 3", "", "-1"],
    "oidvector": ["1 2 3", ""],
    "text": ["", "a", "é\n\t\"'\\", "NULL", "{}"],
    "varchar": ["a b"],
    "bpchar": ["a  "],
    "unknown": ["x"],
    "cstring": ["x"],
    "oid": ["0", "4294967295"],
    "xid": ["1", "4294967295"],
    "cid": ["1"],
    "xid8": ["9007199254740993"],
    "tid": ["(0,1)", "(4294967295,65535)"],
    "json": ['{"b":1, "a" : [1.50]}', "1", '"x"'],
    "jsonb": ['{"a": [1.50, null], "bb": {}}', "1", '"x"', "[]", "12345678901234567890123456789.5"],
    "float4": ["0", "-0", "1.5", "3.4028235e+38", "1e-45", "NaN", "Infinity", "-Infinity", "1e+06", "123456"],
    "float8": ["0", "-0", "5e-324", "1.7976931348623157e+308", "NaN", "-Infinity", "1e-05", "100000000000000",
               *(repr(RANDOM.random()) for _ in range(50))],
    "date": ["2024-01-02", "infinity", "-infinity", "0044-03-15 BC", "5874897-12-31", "0001-01-01",
    "10000-01-01"],
    "time": ["00:00:00", "24:00:00", "12:34:56.789", "23:59:59.999999"],
    "timetz": ["12:00:00+02", "00:00:00-08:30", "23:59:59.999999+00"],
    "timestamp": ["2024-01-02 03:04:05", "infinity", "-infinity", "0044-03-15 10:00:00 BC",
    "9999-12-31 23:59:59.999999",
                  "1969-12-31 23:59:59.5"],
    "timestamptz": ["2024-01-02 03:04:05.1+00", "infinity", "-infinity", "0044-03-15 10:00:00+00 BC"],
    "interval": ["00:00:00", "1 year 2 mons 3 days 04:05:06.5", "-1 days", "1 mon -1 days",
    "-00:00:00.000001"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"],
    "vector": ["[1,2,3]", "[0.1,-0,1e-05]", "[3.4028235e+38,1,1e-45]"],
    "regclass": ["1", "16384"],
}  # fmt: skip
# numeric's text shows its carrier's scale: tested below. record and void take no input. The other reg* types
# are regclass under another name.
WITHOUT_TEXTS = {"numeric", "record", "void"} | {kind.name for kind in SCALARS if kind.name.startswith("reg")}


def test_every_type_has_values_to_test_with():
    assert {kind.name for kind in SCALARS} - WITHOUT_TEXTS <= set(TEXTS)


def both_ways(kind: PgType, texts: list[str | None]) -> None:
    wire = [None if text is None else text.encode() for text in texts]
    array = kind.text.decode(wire)
    array.validate()
    assert kind.text.encode(array, PLAIN).to_pylist() == wire
    octets = kind.binary.encode(array, PLAIN)
    octets.validate(full=True)
    assert octets.null_count == texts.count(None)
    again = kind.binary.decode(octets.to_pylist())
    assert kind.text.encode(again, PLAIN).to_pylist() == wire
    if len(wire) > 2:
        part = array.slice(1, len(wire) - 2)
        assert kind.text.encode(part, PLAIN).to_pylist() == wire[1:-1]
        assert kind.binary.encode(part, PLAIN).to_pylist() == octets.to_pylist()[1:-1]


@pytest.mark.parametrize("name", TEXTS)
def test_values_survive_text_and_binary(name):
    kind = next(kind for kind in SCALARS if kind.name == name)
    both_ways(kind, TEXTS[name])
    both_ways(kind, [None, *TEXTS[name], None, TEXTS[name][0], None])
    both_ways(kind, [None])
    both_ways(kind, [None, None, None])
    both_ways(kind, [])


@pytest.mark.parametrize("name", sorted(set(TEXTS) - {"int2vector", "oidvector", "unknown"}))
def test_arrays_of_every_type_survive_text_and_binary(name):
    element = next(kind for kind in SCALARS if kind.name == name)
    kind = array_of(element)
    assert kind is not None
    texts = [text.encode() for text in TEXTS[name]]
    element_array = element.text.decode(texts)
    literal = kind.text.encode(_listed(element_array), PLAIN)[0].as_py().decode()
    both_ways(kind, [literal, None, "{}", "{NULL}", literal])
    both_ways(kind, ["{}"])
    both_ways(kind, [])


@pytest.mark.parametrize("name", ["int4", "text", "float8", "timestamptz"])
def test_arrays_of_several_dimensions_survive_text_and_binary(name):
    kind = type_by_name(name, is_array=True)
    quoted = [f'"{text}"' if not text or " " in text else text for text in TEXTS[name][:2]]
    both_ways(kind, [f"{{{{{quoted[0]},{quoted[1]}}},{{{quoted[1]},NULL}}}}", None])


def test_numeric_shows_the_scale_of_its_carrier():
    kind = type_by_name("numeric")
    both_ways(kind, ["1.50", "-200.00", None, "0.00", "12345678901234567890.12"])
    both_ways(kind, ["9" * 38, None])
    both_ways(kind, ["0." + "0" * 37 + "1"])


def test_every_type_encodes_an_empty_array():
    for kind in TYPES:
        empty = pa.array([], kind.arrow)
        assert len(kind.text.encode(empty, PLAIN)) == 0
        if kind.name not in ("record", "_record"):
            assert len(kind.binary.encode(empty, PLAIN)) == 0


def _listed(items):
    return pa.ListArray.from_arrays(pa.array([0, len(items)], pa.int32()), items)
