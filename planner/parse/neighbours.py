"""Neighbours: which word or sign may follow which, where PostgreSQL's grammar and sqlglot disagree.

Only reserved words and signs are listed, so that no name is ever refused.
"""

from __future__ import annotations

from .keywords import RESERVED, words

# Behind these an operand or a name must follow ...
OPENERS = words(
    """
    , and or where having on = <> < > <= >= + - / % ^ || like ilike between when then else limit offset from
    join into union except intersect :: not in is set by
    """
)
# ... and these begin none. All are reserved, so none can be a name here.
CLOSERS = words(
    """
    ) ] , from where group having order limit offset union except intersect and or then else end when as into
    on using returning window for fetch :: = <> < > <= >= / % ^ || ? => := asc desc collate is isnull notnull
    overlaps similar like ilike to placing
    """
)
# Behind ( and SELECT nearly everything may follow, but no binary operator.
_BINARY = words(
    """
    , and or then else when as :: = <> < > <= >= / % ^ || ? => := asc desc collate is isnull notnull overlaps
    similar like ilike to placing
    """
)

# Words that mean something else elsewhere are followed here by their meaning: grammar.py marks them.
DISTINCT_ON, JOIN_USING, IN_LIST, FOR_LOCK = "distinct on", "join using", "in list", "for lock"
DISTINCT_ARGUMENT, FROM_TABLE, ORDER_BY = "distinct argument", "from table", "order by"
# No table is called so, but they may come before its name or be a function instead.
_BEFORE_TABLE = words(
    """
    lateral only table user session_user current_catalog current_date current_role current_time
    current_timestamp current_user localtime localtimestamp select
    """
)

WRONG_AFTER: dict[str, frozenset[str]] = {
    **dict.fromkeys(OPENERS, CLOSERS),
    "(": _BINARY,
    "select": _BINARY,
    "case": CLOSERS - {"when"},
    "not": CLOSERS - words("like ilike similar in"),
    DISTINCT_ARGUMENT: frozenset("*"),
    ORDER_BY: CLOSERS | {"all"},
    "into": CLOSERS | (RESERVED - {"table"}),
    "join": CLOSERS | (RESERVED - _BEFORE_TABLE),
    FROM_TABLE: CLOSERS | (RESERVED - _BEFORE_TABLE),
}

_QUERY = words("select values table ( all distinct")
ONLY_AFTER: dict[str, frozenset[str]] = {
    "order": words("by"),
    "group": words("by ("),
    "union": _QUERY,
    "except": _QUERY,
    "intersect": _QUERY,
    "do": words("nothing update"),
    "is": words("not null true false unknown distinct document normalized nfc nfd nfkc nfkd json"),
    "cross": words("join"),
    "natural": words("join left right full inner"),
    "left": words("join outer ("),
    "right": words("join outer ("),
    "full": words("join outer"),
    "inner": words("join"),
    "outer": words("join"),
    DISTINCT_ON: words("("),
    JOIN_USING: words("("),
    IN_LIST: words("("),
    FOR_LOCK: words("update share no key"),
}

# A statement cannot end behind these.
UNFINISHED = OPENERS | {FROM_TABLE, ORDER_BY} | ONLY_AFTER.keys() | words(". as using tablesample")

UNFINISHED_PAIRS = frozenset(
    (("on", "conflict"), ("by", "all"), (")", "over"), (")", "filter"), ("fetch", "first"), ("fetch", "next"))
)

# A [ in front of an operand would be a list of DuckDB's: PostgreSQL writes ARRAY[...].
NO_BRACKET_AFTER = OPENERS | {ORDER_BY} | words("( select values distinct all case not returning using")

# What may follow the * of a select list.
AFTER_STAR = words(
    """
    , ) from where group having order limit offset union except intersect into on returning window for fetch
    """
)
STAR_AFTER = words("select , distinct all returning")

# Behind these ( ) is never empty.
NEVER_EMPTY = (
    (OPENERS - {",", "by"})
    | {IN_LIST, FROM_TABLE}
    | words("select values any all some exists coalesce greatest least")
)

# Reserved words that sqlglot would take for names.
NEVER_A_NAME = words(
    """
    analyse analyze authorization check column concurrently create deferrable foreign freeze grant initially
    primary references unique verbose
    """
)
