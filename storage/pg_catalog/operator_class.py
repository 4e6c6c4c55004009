"""OperatorClass: how an access method treats a type; the rows of pg_opclass and pg_opfamily."""

from __future__ import annotations

from dataclasses import dataclass

from sqlvec.core.types.pg_type import PgType

# `method name oid family-oid:family type`, "!" where it is the type's default.
_POSTGRESQL = """
btree array_ops 10000 397:array_ops anyarray!
btree bool_ops 10003 424:bool_ops bool!
btree bpchar_ops 10004 426:bpchar_ops bpchar!
btree bpchar_pattern_ops 4219 2097:bpchar_pattern_ops bpchar
btree bytea_ops 10006 428:bytea_ops bytea!
btree char_ops 10007 429:char_ops char!
btree date_ops 3122 434:datetime_ops date!
btree float4_ops 10012 1970:float_ops float4!
btree float8_ops 3123 1970:float_ops float8!
btree int2_ops 1979 1976:integer_ops int2!
btree int4_ops 1978 1976:integer_ops int4!
btree int8_ops 3124 1976:integer_ops int8!
btree interval_ops 10022 1982:interval_ops interval!
btree jsonb_ops 10088 4033:jsonb_ops jsonb!
btree name_ops 10028 1994:text_ops name!
btree numeric_ops 3125 1988:numeric_ops numeric!
btree oid_ops 1981 1989:oid_ops oid!
btree oidvector_ops 10032 1991:oidvector_ops oidvector!
btree record_image_ops 10036 3194:record_image_ops record
btree record_ops 10034 2994:record_ops record!
btree text_ops 3126 1994:text_ops text!
btree text_pattern_ops 4217 2095:text_pattern_ops text
btree tid_ops 10050 2789:tid_ops tid!
btree time_ops 10038 1996:time_ops time!
btree timestamp_ops 3128 434:datetime_ops timestamp!
btree timestamptz_ops 3127 434:datetime_ops timestamptz!
btree timetz_ops 10041 2000:timetz_ops timetz!
btree uuid_ops 10065 2968:uuid_ops uuid!
btree varchar_ops 10044 1994:text_ops text
btree varchar_pattern_ops 4218 2095:text_pattern_ops text
btree xid8_ops 10053 5067:xid8_ops xid8!
gin array_ops 10064 2745:array_ops anyarray!
gin jsonb_ops 10090 4036:jsonb_ops jsonb!
gin jsonb_path_ops 10091 4037:jsonb_path_ops jsonb
hash array_ops 10001 627:array_ops anyarray!
hash bool_ops 10048 2222:bool_ops bool!
hash bpchar_ops 10005 427:bpchar_ops bpchar!
hash bpchar_pattern_ops 10058 2231:bpchar_pattern_ops bpchar
hash bytea_ops 10049 2223:bytea_ops bytea!
hash char_ops 10008 431:char_ops char!
hash cid_ops 10054 2226:cid_ops cid!
hash date_ops 10011 435:date_ops date!
hash float4_ops 10013 1971:float_ops float4!
hash float8_ops 10014 1971:float_ops float8!
hash int2_ops 10019 1977:integer_ops int2!
hash int4_ops 10020 1977:integer_ops int4!
hash int8_ops 10021 1977:integer_ops int8!
hash interval_ops 10023 1983:interval_ops interval!
hash jsonb_ops 10089 4034:jsonb_ops jsonb!
hash name_ops 10029 1995:text_ops name!
hash numeric_ops 10030 1998:numeric_ops numeric!
hash oid_ops 10031 1990:oid_ops oid!
hash oidvector_ops 10033 1992:oidvector_ops oidvector!
hash record_ops 10035 6194:record_ops record!
hash text_ops 10037 1995:text_ops text!
hash text_pattern_ops 10056 2229:text_pattern_ops text
hash tid_ops 10055 2227:tid_ops tid!
hash time_ops 10039 1997:time_ops time!
hash timestamp_ops 10046 2040:timestamp_ops timestamp!
hash timestamptz_ops 10040 1999:timestamptz_ops timestamptz!
hash timetz_ops 10042 2001:timetz_ops timetz!
hash uuid_ops 10066 2969:uuid_ops uuid!
hash varchar_ops 10045 1995:text_ops text
hash varchar_pattern_ops 10057 2229:text_pattern_ops text
hash xid8_ops 10052 5032:xid8_ops xid8!
hash xid_ops 10051 2225:xid_ops xid!
"""
_PGVECTOR = """
hnsw vector_cosine_ops 16459 16471:vector_cosine_ops vector
hnsw vector_ip_ops 16458 16470:vector_ip_ops vector
hnsw vector_l1_ops 16460 16472:vector_l1_ops vector
hnsw vector_l2_ops 16457 16469:vector_l2_ops vector
ivfflat vector_cosine_ops 16456 16468:vector_cosine_ops vector
ivfflat vector_ip_ops 16454 16466:vector_ip_ops vector
ivfflat vector_l2_ops 16452 16464:vector_l2_ops vector!
btree vector_ops 16451 16463:vector_ops vector!
"""
# Types that use another's operator class, since they are the same to it (pg_cast.castmethod "b").
_SAME_AS = {"varchar": "text"}
_SAME_AS_OID = "reg"  # regclass and its like


@dataclass(frozen=True, slots=True)
class OperatorClass:
    """An operator class; `type_name` may be anyarray."""

    method: str
    name: str
    oid: int
    family_oid: int
    family: str
    type_name: str
    is_default: bool
    is_vector: bool


def _parse(text: str, *, is_vector: bool) -> tuple[OperatorClass, ...]:
    found = []
    for line in text.strip().splitlines():
        method, name, oid, family, kind = line.split()
        family_oid, family_name = family.split(":")
        is_default = kind.endswith("!")
        found.append(
            OperatorClass(
                method, name, int(oid), int(family_oid), family_name, kind.rstrip("!"), is_default, is_vector
            )
        )
    return tuple(found)


OPERATOR_CLASSES = _parse(_POSTGRESQL, is_vector=False) + _parse(_PGVECTOR, is_vector=True)

_BY_NAME = {(found.method, found.name): found for found in OPERATOR_CLASSES}
_DEFAULTS = {(found.method, found.type_name): found for found in OPERATOR_CLASSES if found.is_default}


def operator_class(method: str, kind: PgType, name: str | None = None) -> OperatorClass | None:
    """The named operator class of a method, or the default one of a type."""
    if name is not None:
        return _BY_NAME.get((method, name.lower()))
    return _DEFAULTS.get((method, _type_name(kind)))


def _type_name(kind: PgType) -> str:
    if kind.element is not None and kind.name.startswith("_"):
        return "anyarray"
    if kind.name.startswith(_SAME_AS_OID):
        return "oid"
    return _SAME_AS.get(kind.name, kind.name)
