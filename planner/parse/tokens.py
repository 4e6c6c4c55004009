"""Tokens: lexemes in the form sqlglot's parser wants.

Only the words that mean something in a PostgreSQL query become keywords; sqlglot knows many more from other
databases (SEMI, QUALIFY, PIVOT, TOP ...), and they would steal names. Every operator that sqlglot does not
know becomes OPERATOR ( op ), which it parses with the right precedence. A token's `col` is its lexeme's
index, so that a ParseError leads back to the lexeme.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot.dialects.postgres import Postgres
from sqlglot.tokenizer_core import Token, TokenType

from .keywords import RESERVED, words
from .lexeme import Kind, Lexeme

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
_PAIR_TEXTS = {"bit varying": "varbit"}

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

# Types that may stand before a string, `halfvec '[1,2]'`, besides those sqlglot reads so.
_TYPED_LITERALS = words(
    "box cidr circle halfvec interval jsonpath line lseg macaddr pg_lsn polygon sparsevec tsquery tsvector"
)

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


def to_tokens(lexemes: list[Lexeme]) -> list[Token]:
    """Tokens for sqlglot; texts are in lower case, offsets are the lexemes'."""
    tokens: list[Token] = []
    append = tokens.append
    word_kind, sign_kind, operator_kind = Kind.WORD, Kind.SIGN, Kind.OPERATOR
    keywords, signs, operators, rewrites, var = WORDS, SIGNS, OPERATORS, _REWRITES, TokenType.VAR
    before = ""
    skip = 0  # lexemes that the last rewriting has already read
    for index, (kind, value, start, end) in enumerate(lexemes):
        if skip:
            skip -= 1
        elif kind is word_kind:
            if before == "." or (before == "as" and value in RESERVED and value != "not"):
                append(Token(var, value, 1, index, start, end - 1))  # a name, whatever the word
            elif value in rewrites and (rewritten := rewrites[value](lexemes, index)):
                tokens += rewritten
                skip = _length(lexemes, index, rewritten)
            else:
                append(Token(keywords.get(value, var), value, 1, index, start, end - 1))
        elif kind is sign_kind:
            append(Token(signs[value], value, 1, index, start, end - 1))
        elif kind is operator_kind:
            if value in operators and value != "->":
                append(Token(operators[value], value, 1, index, start, end - 1))
            else:
                _append_operator(tokens, lexemes, index)
        else:
            _append_literal(tokens, lexemes[index], index)
        before = value if kind is sign_kind or value == "as" else ""
    return tokens


def _pair(lexemes: list[Lexeme], index: int) -> list[Token]:
    """`group` `by` is one token."""
    first, second = lexemes[index], lexemes[index + 1] if index + 1 < len(lexemes) else None
    if second is None or second.kind is not Kind.WORD or second.value not in PAIRS[first.value]:
        return []
    text = f"{first.value} {second.value}"
    type_ = PAIRS[first.value][second.value]
    return [Token(type_, _PAIR_TEXTS.get(text, text), 1, index, first.start, second.end - 1)]


def _qualify(lexemes: list[Lexeme], index: int) -> list[Token]:
    """`::oid[]` is `::pg_catalog.oid[]`."""
    is_array = (
        0 < index < len(lexemes) - 1
        and lexemes[index - 1].value in ("::", "as")
        and lexemes[index + 1].value in ("[", "array")
    )
    if not is_array:
        return []
    _, value, start, end = lexemes[index]
    return [
        Token(TokenType.VAR, "pg_catalog", 1, index, start, end - 1),
        Token(TokenType.DOT, ".", 1, index, start, end - 1),
        Token(TokenType.VAR, value, 1, index, start, end - 1),
    ]


def _typed_literal(lexemes: list[Lexeme], index: int) -> list[Token]:
    """`interval '1 day'` is `'1 day'::interval`; sqlglot would rewrite the former's text or not read it.

    The same with a modifier: `interval(3) '1 day'`.
    """
    values = [lexeme.value for lexeme in lexemes[index + 1 : index + 5]]
    at = index + 4 if values[:1] == ["("] and values[2:3] == [")"] else index + 1
    is_label = index > 0 and lexemes[index - 1].value == "as"
    if is_label or at >= len(lexemes) or lexemes[at].kind is not Kind.STRING:
        return []
    _, value, start, end = lexemes[index]
    string = lexemes[at]
    tokens = [
        Token(TokenType.STRING, string.value, 1, at, string.start, string.end - 1),
        Token(TokenType.DCOLON, "::", 1, index, start, end - 1),
        Token(WORDS.get(value, TokenType.VAR), value, 1, index, start, end - 1),
    ]
    return tokens + (to_tokens(lexemes[index + 1 : at]) if at > index + 1 else [])


def _length(lexemes: list[Lexeme], index: int, rewritten: list[Token]) -> int:
    """How many lexemes behind `index` these tokens stand for."""
    end = max(token.end for token in rewritten)
    length = 0
    while index + length + 1 < len(lexemes) and lexemes[index + length + 1].start <= end:
        length += 1
    return length


# Words that may become other tokens, and what makes them; no tokens mean that the word stays as it is.
_REWRITES: dict[str, Callable[[list[Lexeme], int], list[Token]]] = {
    **dict.fromkeys(PAIRS, _pair),
    **dict.fromkeys(WITHOUT_ARRAYS, _qualify),
    **dict.fromkeys(_TYPED_LITERALS, _typed_literal),
}


def _append_literal(tokens: list[Token], lexeme: Lexeme, index: int) -> None:
    kind, value, start, end = lexeme
    if kind is Kind.PARAMETER:
        tokens.append(Token(TokenType.PARAMETER, "$", 1, index, start, start))
        tokens.append(Token(TokenType.NUMBER, value, 1, index, start + 1, end - 1))
    elif kind is Kind.BITS:
        bits = TokenType.BIT_STRING if value[0] == "b" else TokenType.HEX_STRING
        tokens.append(Token(bits, value[1:], 1, index, start, end - 1))
    else:
        tokens.append(Token(LITERALS[kind], value, 1, index, start, end - 1))


def _append_operator(tokens: list[Token], lexemes: list[Lexeme], index: int) -> None:
    _, value, start, end = lexemes[index]
    if value == "->" and (length := _lambda_length(lexemes, index)):
        # f(a -> 'b') is a lambda to sqlglot unless `a` is more than a name; it drops the unary plus.
        tokens.insert(-length, Token(TokenType.PLUS, "+", 1, index, start, start))
    if value in OPERATORS:
        types: tuple[tuple[TokenType, str], ...] = ((OPERATORS[value], value),)
    elif index + 1 < len(lexemes) and lexemes[index + 1].value == ")":  # inside OPERATOR ( )
        types = ((TokenType.VAR, value),)
    elif value in SPLIT_OPERATORS:
        first, second = SPLIT_OPERATORS[value]
        types = ((first, value[0]), (second, value[1:]))
    else:
        types = (
            (TokenType.OPERATOR, "operator"),
            (TokenType.L_PAREN, "("),
            (TokenType.VAR, value),
            (TokenType.R_PAREN, ")"),
        )
    tokens.extend(Token(type_, text, 1, index, start, end - 1) for type_, text in types)


def _lambda_length(lexemes: list[Lexeme], index: int) -> int:
    """How many lexemes before -> look like the head of a lambda: `a` or `(a)` behind a bracket or comma."""
    length = 3 if lexemes[index - 1].value == ")" else 1
    if index <= length:
        return 0
    name = lexemes[index - 1 - length // 2]
    before = lexemes[index - 1 - length].value
    is_wrapped = length == 1 or lexemes[index - length].value == "("
    return length if is_wrapped and before in ("(", ",") and name.kind in (Kind.WORD, Kind.QUOTED) else 0
