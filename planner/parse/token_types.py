"""Token types: sqlglot's names for PostgreSQL's words, signs and operators.

Only the words that mean something in a PostgreSQL query are here; sqlglot knows many more from other
databases (SEMI, QUALIFY, PIVOT, TOP ...), and they would steal names.
"""

from __future__ import annotations

from sqlglot.dialects.postgres import Postgres
from sqlglot.tokenizer_core import TokenType

from .keywords import words
from .lexeme import Kind

_WORDS = """
    all and any array as asc between binary case collate cross current_catalog current_date current_schema
    current_time current_timestamp current_user default delete desc distinct else end escape except exists
    false fetch filter first for from full having ilike in inner insert intersect interval into is isnull join
    lateral left like limit localtime localtimestamp natural next not notnull null offset on only operator or
    ordinality outer over overlaps range recursive returning right row rows select session_user set some table
    tablesample temp temporary then true union unnest update using values variadic when where window with
    bigint bit bool boolean bpchar bytea char character cstring date datemultirange daterange dec decimal
    float float4 float8 inet int int2 int4 int4multirange int4range int8 int8multirange int8range integer json
    jsonb money name nchar nummultirange numrange numeric oid point real regclass regcollation regconfig
    regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype smallint text time
    timestamp timestamptz timetz tsmultirange tsrange tstzmultirange tstzrange uuid varchar vector xml
"""
WORDS: dict[str, TokenType] = {
    word: Postgres.Tokenizer.KEYWORDS[word.upper()] for word in _WORDS.split()
} | {"user": TokenType.CURRENT_USER, "current_role": TokenType.CURRENT_USER, "cube": TokenType.CUBE,
     "rollup": TokenType.ROLLUP}  # fmt: skip

# Two words that are one token to sqlglot.
PAIRS: dict[str, dict[str, TokenType]] = {
    "group": {"by": TokenType.GROUP_BY},
    "order": {"by": TokenType.ORDER_BY},
    "partition": {"by": TokenType.PARTITION_BY},
    "grouping": {"sets": TokenType.GROUPING_SETS},
    "similar": {"to": TokenType.SIMILAR_TO},
    "double": {"precision": TokenType.DOUBLE},
    "char": {"varying": TokenType.VARCHAR},
    "character": {"varying": TokenType.VARCHAR},
    "bit": {"varying": TokenType.VAR},
}
PAIR_TEXTS = {"bit varying": "varbit"}

# Types of which sqlglot reads no arrays unless their schema is given.
WITHOUT_ARRAYS = frozenset(
    word for word, token in WORDS.items() if token in (TokenType.OBJECT_IDENTIFIER, TokenType.PSEUDO_TYPE)
)

# Type names of other databases, which sqlglot would silently take for one of PostgreSQL's.
FOREIGN_TYPES = words(
    """
    bigdecimal bignum bignumeric blob byte clob datetime decfloat decimal128 decimal256 decimal32 decimal64
    double fixed hugeint int1 int128 int16 int256 int32 int64 list long longblob longtext longvarchar map
    mediumblob mediumint mediumtext nullable number nvarchar nvarchar2 object short str string struct time_ns
    timestamp_ltz timestamp_ntz timestampltz timestampntz tinyblob tinyint tinytext uhugeint uint uint128
    uint256 varbinary varchar2 variant
    """
)

# Types that may stand before a string, `halfvec '[1,2]'`: those that sqlglot does not read so, and those
# that it would cast last, `date '2024-01-01'::timestamp` to date.
TYPED_LITERALS = words(
    "box cidr circle date halfvec interval jsonpath line lseg macaddr pg_lsn polygon sparsevec time timestamp"
    " timestamptz timetz tsquery tsvector"
)

INTERVAL_FIELDS = words("year month day hour minute second")

SIGNS: dict[str, TokenType] = {
    ",": TokenType.COMMA, "(": TokenType.L_PAREN, ")": TokenType.R_PAREN, "[": TokenType.L_BRACKET,
    "]": TokenType.R_BRACKET, ".": TokenType.DOT, ":": TokenType.COLON, "::": TokenType.DCOLON,
    ":=": TokenType.COLON_EQ, "=>": TokenType.FARROW, "..": TokenType.DOTCOLON,
}  # fmt: skip

OPERATORS: dict[str, TokenType] = {
    "+": TokenType.PLUS, "-": TokenType.DASH, "*": TokenType.STAR, "/": TokenType.SLASH, "%": TokenType.MOD,
    "^": TokenType.CARET, "<": TokenType.LT, ">": TokenType.GT, "=": TokenType.EQ, "<=": TokenType.LTE,
    ">=": TokenType.GTE, "<>": TokenType.NEQ, "&": TokenType.AMP, "|": TokenType.PIPE, "#": TokenType.HASH,
    "||": TokenType.DPIPE, "~": TokenType.RLIKE, "~*": TokenType.IRLIKE, "~~": TokenType.LIKE,
    "~~*": TokenType.ILIKE, "->": TokenType.ARROW, "->>": TokenType.DARROW, "#>": TokenType.HASH_ARROW,
    "#>>": TokenType.DHASH_ARROW, "#-": TokenType.HASH_DASH, "@>": TokenType.AT_GT, "<@": TokenType.LT_AT,
    "?": TokenType.PLACEHOLDER, "?|": TokenType.QMARK_PIPE, "?&": TokenType.QMARK_AMP, "&&": TokenType.DAMP,
    "@@": TokenType.DAT, "@?": TokenType.AT_QMARK, "^@": TokenType.CARET_AT, "-|-": TokenType.ADJACENT,
    "&<": TokenType.AMP_LT, "&>": TokenType.AMP_GT, "|/": TokenType.PIPE_SLASH,
    "||/": TokenType.DPIPE_SLASH,
}  # fmt: skip

# Operators that are two tokens to sqlglot.
SPLIT_OPERATORS: dict[str, tuple[TokenType, TokenType]] = {
    "!~": (TokenType.NOT, TokenType.RLIKE),
    "!~*": (TokenType.NOT, TokenType.IRLIKE),
    "!~~": (TokenType.NOT, TokenType.LIKE),
    "!~~*": (TokenType.NOT, TokenType.ILIKE),
    "<<": (TokenType.LT, TokenType.LT),
    ">>": (TokenType.GT, TokenType.GT),
}

LITERALS = {
    Kind.QUOTED: TokenType.IDENTIFIER,
    Kind.STRING: TokenType.STRING,
    Kind.NUMBER: TokenType.NUMBER,
}
