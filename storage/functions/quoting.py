"""Spelling of texts: initcap, quote_ident, quote_literal."""

from __future__ import annotations

import re

import pyarrow as pa

from .registration import SqlFunction, each_row

_WORD = re.compile(r"[^\W_]+")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# pg_get_keywords() of PostgreSQL 18 whose catcode is not "U"
_RESERVED = """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
    case cast char character check coalesce collate collation column concurrently constraint create cross
    current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
    decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
    freeze from full grant greatest group grouping having ilike in initially inner inout int integer
    intersect interval into is isnull join json json_array json_arrayagg json_exists json_object
    json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading least left
    like limit localtime localtimestamp merge_action national natural nchar none normalize not notnull null
    nullif numeric offset on only or order out outer overlaps overlay placing position precision primary
    real references returning right row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using
    values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists
    xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
_KEYWORDS = frozenset(_RESERVED.split())


def initcap(text: str) -> str:
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def quote_ident(name: str) -> str:
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


_TEXT = ("VARCHAR",)
FUNCTIONS = (
    SqlFunction("sqlvec_initcap", lambda texts: each_row(initcap, pa.string(), texts), _TEXT, "VARCHAR"),
    SqlFunction(
        "sqlvec_quote_ident", lambda texts: each_row(quote_ident, pa.string(), texts), _TEXT, "VARCHAR"
    ),
    SqlFunction(
        "sqlvec_quote_literal", lambda texts: each_row(quote_literal, pa.string(), texts), _TEXT, "VARCHAR"
    ),
)
