"""TypeLayout: how PostgreSQL stores a type and which functions convert it; what PgType does not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlvec.core.types.pg_type import PgType

from .oids import C_COLLATION, DEFAULT_COLLATION, PG_CATALOG, PUBLIC

# From pg_type of PostgreSQL 15, vector's from pgvector 0.8.6:
# `typname typalign typstorage typinput typoutput typreceive typsend typmodin typmodout`.
_LAYOUTS = """
bool c p boolin boolout boolrecv boolsend - -
bytea i x byteain byteaout bytearecv byteasend - -
char c p charin charout charrecv charsend - -
name c p namein nameout namerecv namesend - -
int8 d p int8in int8out int8recv int8send - -
int2 s p int2in int2out int2recv int2send - -
int2vector i p int2vectorin int2vectorout int2vectorrecv int2vectorsend - -
int4 i p int4in int4out int4recv int4send - -
regproc i p regprocin regprocout regprocrecv regprocsend - -
text i x textin textout textrecv textsend - -
oid i p oidin oidout oidrecv oidsend - -
tid s p tidin tidout tidrecv tidsend - -
xid i p xidin xidout xidrecv xidsend - -
cid i p cidin cidout cidrecv cidsend - -
oidvector i p oidvectorin oidvectorout oidvectorrecv oidvectorsend - -
json i x json_in json_out json_recv json_send - -
float4 i p float4in float4out float4recv float4send - -
float8 d p float8in float8out float8recv float8send - -
unknown c p unknownin unknownout unknownrecv unknownsend - -
bpchar i x bpcharin bpcharout bpcharrecv bpcharsend bpchartypmodin bpchartypmodout
varchar i x varcharin varcharout varcharrecv varcharsend varchartypmodin varchartypmodout
date i p date_in date_out date_recv date_send - -
time d p time_in time_out time_recv time_send timetypmodin timetypmodout
timestamp d p timestamp_in timestamp_out timestamp_recv timestamp_send timestamptypmodin timestamptypmodout
timestamptz d p timestamptz_in timestamptz_out timestamptz_recv timestamptz_send
    timestamptztypmodin timestamptztypmodout
interval d p interval_in interval_out interval_recv interval_send intervaltypmodin intervaltypmodout
timetz d p timetz_in timetz_out timetz_recv timetz_send timetztypmodin timetztypmodout
numeric i m numeric_in numeric_out numeric_recv numeric_send numerictypmodin numerictypmodout
regprocedure i p regprocedurein regprocedureout regprocedurerecv regproceduresend - -
regoper i p regoperin regoperout regoperrecv regopersend - -
regoperator i p regoperatorin regoperatorout regoperatorrecv regoperatorsend - -
regclass i p regclassin regclassout regclassrecv regclasssend - -
regtype i p regtypein regtypeout regtyperecv regtypesend - -
record d x record_in record_out record_recv record_send - -
cstring c p cstring_in cstring_out cstring_recv cstring_send - -
void i p void_in void_out void_recv void_send - -
uuid c p uuid_in uuid_out uuid_recv uuid_send - -
regconfig i p regconfigin regconfigout regconfigrecv regconfigsend - -
regdictionary i p regdictionaryin regdictionaryout regdictionaryrecv regdictionarysend - -
jsonb i x jsonb_in jsonb_out jsonb_recv jsonb_send - -
regnamespace i p regnamespacein regnamespaceout regnamespacerecv regnamespacesend - -
regrole i p regrolein regroleout regrolerecv regrolesend - -
regcollation i p regcollationin regcollationout regcollationrecv regcollationsend - -
xid8 d p xid8in xid8out xid8recv xid8send - -
vector i e vector_in vector_out vector_recv vector_send vector_typmod_in -
"""
# Types of functions only: `typname oid typlen typalign typstorage typinput typoutput typreceive typsend`.
_PSEUDO_TYPES = """
table_am_handler 269 4 i p table_am_handler_in table_am_handler_out - -
index_am_handler 325 4 i p index_am_handler_in index_am_handler_out - -
any 2276 4 i p any_in any_out - -
anyarray 2277 -1 d x anyarray_in anyarray_out anyarray_recv anyarray_send
trigger 2279 4 i p trigger_in trigger_out - -
language_handler 2280 4 i p language_handler_in language_handler_out - -
internal 2281 8 d p internal_in internal_out - -
anyelement 2283 4 i p anyelement_in anyelement_out - -
anynonarray 2776 4 i p anynonarray_in anynonarray_out - -
anyenum 3500 4 i p anyenum_in anyenum_out - -
anyrange 3831 -1 d x anyrange_in anyrange_out - -
anycompatible 5077 4 i p anycompatible_in anycompatible_out - -
anycompatiblearray 5078 -1 d x anycompatiblearray_in anycompatiblearray_out
    anycompatiblearray_recv anycompatiblearray_send
anycompatiblenonarray 5079 4 i p anycompatiblenonarray_in anycompatiblenonarray_out - -
"""
# Known by name only, so that drivers find them (pgvector's register_vector asserts that bit exists):
# `typname oid typlen typalign typstorage typinput typoutput typreceive typsend typarray`.
_NAMED_TYPES = """
bit 1560 -1 i x bit_in bit_out bit_recv bit_send 1561
"""
NAMED_TYPES = tuple(tuple(line.split()) for line in _NAMED_TYPES.strip().splitlines())
PSEUDO_TYPES = tuple(
    tuple(line.split()) for line in _PSEUDO_TYPES.replace("\n    ", " ").strip().splitlines()
)
_ARRAY_SUBSCRIPT = "array_subscript_handler"
_SUBSCRIPT = {
    "name": "raw_array_subscript_handler",
    "jsonb": "jsonb_subscript_handler",
    "int2vector": _ARRAY_SUBSCRIPT,
    "oidvector": _ARRAY_SUBSCRIPT,
}
_BY_VALUE = frozenset({1, 2, 4, 8})
_COLLATIONS = {
    "text": DEFAULT_COLLATION,
    "varchar": DEFAULT_COLLATION,
    "bpchar": DEFAULT_COLLATION,
    "name": C_COLLATION,
}


@dataclass(frozen=True, slots=True)
class TypeLayout:
    """pg_type's columns of the same names."""

    align: str
    storage: str
    input: str
    output: str
    receive: str
    send: str
    modifier_input: str
    modifier_output: str
    subscript: str


def _layouts() -> Iterator[tuple[str, TypeLayout]]:
    for line in _LAYOUTS.replace("\n    ", " ").strip().splitlines():
        name, *words = line.split()
        align, storage, input_, output, receive, send, modifier_input, modifier_output = words
        yield name, TypeLayout(
            align, storage, input_, output, receive, send, modifier_input, modifier_output,
            _SUBSCRIPT.get(name, "-"),
        )  # fmt: skip


_BY_NAME = dict(_layouts())


def layout_of(kind: PgType) -> TypeLayout:
    """How a type is stored; every array is as its element's alignment asks."""
    found = _BY_NAME.get(kind.name)
    if found is None:
        found = _BY_NAME[kind.name] = _array_layout(kind)  # every column of a catalog asks
    return found


def _array_layout(kind: PgType) -> TypeLayout:
    assert kind.element is not None, f"no layout of type {kind.name}"
    element = _BY_NAME[kind.element.name]
    return TypeLayout(
        "d" if element.align == "d" else "i",
        "x",
        "array_in",
        "array_out",
        "array_recv",
        "array_send",
        element.modifier_input,
        element.modifier_output,
        _ARRAY_SUBSCRIPT,
    )


def is_by_value(length: int) -> bool:
    return length in _BY_VALUE


def collation_of(kind: PgType) -> int:
    """pg_type.typcollation."""
    element = kind.element if kind.element is not None and kind.name.startswith("_") else kind
    return _COLLATIONS.get(element.name, 0)


def schema_of(kind: PgType) -> int:
    """pg_type.typnamespace: pgvector's types live in public."""
    return PUBLIC if kind.name in ("vector", "_vector") else PG_CATALOG
