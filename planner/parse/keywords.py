"""Keywords: PostgreSQL's words that cannot stand where a name is wanted (kwlist.h, PostgreSQL 15)."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """A set of words written as plain text."""
    return frozenset(text.split())


# Never a name, unless quoted or after a dot or AS.
RESERVED = words(
    """
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
    create current_catalog current_date current_role current_time current_timestamp current_user default
    deferrable desc distinct do else end except false fetch for foreign from grant group having in
    initially intersect into lateral leading limit localtime localtimestamp not null offset on only or
    order placing primary references returning select session_user some symmetric table then to trailing
    true union unique user using variadic when where window with
    """
)

# A function or type may be called so, a table or column may not.
FUNCTION_NAMES = words(
    """
    authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull
    join left like natural notnull outer overlaps right similar tablesample verbose
    """
)

# A table or column may be called so, a function may not.
COLUMN_NAMES = words(
    """
    between bigint bit boolean char character coalesce dec decimal exists extract float greatest
    grouping inout int integer interval least national nchar none normalize nullif numeric out overlay
    position precision real row setof smallint substring time timestamp treat trim values varchar
    xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable
    """
)

NOT_A_COLUMN = RESERVED | FUNCTION_NAMES
NOT_A_FUNCTION = RESERVED | COLUMN_NAMES
