"""Tokens: lexemes in the form sqlglot's parser wants.

Every operator that sqlglot does not know becomes OPERATOR ( op ), which it parses with the right precedence.
A token's `col` is its lexeme's index, so that a ParseError leads back to the lexeme.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot.tokenizer_core import Token, TokenType

from sqlvec.core.errors import FeatureNotSupported

from .keywords import RESERVED
from .lexeme import Kind, Lexeme
from .token_types import (
    INTERVAL_FIELDS,
    LITERALS,
    OPERATORS,
    PAIR_TEXTS,
    PAIRS,
    SIGNS,
    SPLIT_OPERATORS,
    TYPED_LITERALS,
    WITHOUT_ARRAYS,
    WORDS,
)

_PLAIN_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d+)?\s*")
_YEAR_TO_MONTH = re.compile(r"\s*[+-]?\d+-\d+\s*")


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
    return [Token(type_, PAIR_TEXTS.get(text, text), 1, index, first.start, second.end - 1)]


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
    if lexemes[index].value == "interval":
        _refuse_fields_of_cast(lexemes, index)
    values = [lexeme.value for lexeme in lexemes[index + 1 : index + 5]]
    at = index + 4 if values[:1] == ["("] and values[2:3] == [")"] else index + 1
    is_label = index > 0 and lexemes[index - 1].value == "as"
    if is_label or at >= len(lexemes) or lexemes[at].kind is not Kind.STRING:
        return []
    _, value, start, end = lexemes[index]
    string = lexemes[at]
    text, last = _with_fields(lexemes, at) if value == "interval" else (string.value, string)
    tokens = [
        Token(TokenType.STRING, text, 1, at, string.start, last.end - 1),
        Token(TokenType.DCOLON, "::", 1, index, start, end - 1),
        Token(WORDS.get(value, TokenType.VAR), value, 1, index, start, end - 1),
    ]
    return tokens + (to_tokens(lexemes[index + 1 : at]) if at > index + 1 else [])


def _with_fields(lexemes: list[Lexeme], at: int) -> tuple[str, Lexeme]:
    """An interval's text with the field behind it, `'1' hour` as '1 hour', and the last lexeme of both."""
    text = lexemes[at].value
    field = lexemes[at + 1] if at + 1 < len(lexemes) else None
    if field is None or field.kind is not Kind.WORD or field.value not in INTERVAL_FIELDS:
        return text, lexemes[at]
    behind = lexemes[at + 2].value if at + 2 < len(lexemes) else ""
    if [lexeme.value for lexeme in lexemes[at + 1 : at + 4]] == ["year", "to", "month"]:
        if _YEAR_TO_MONTH.fullmatch(text):
            return text, lexemes[at + 3]
    elif _PLAIN_NUMBER.fullmatch(text) and behind not in ("to", "("):
        return f"{text.strip()} {field.value}", field
    raise _unsupported_fields(field)


def _refuse_fields_of_cast(lexemes: list[Lexeme], index: int) -> None:
    """`x::interval day` cuts off hours; sqlglot reads it, but nobody behind it would know."""
    field = lexemes[index + 1] if index + 1 < len(lexemes) else None
    is_cast = index > 0 and lexemes[index - 1].value in ("::", "as")
    if is_cast and field and field.kind is Kind.WORD and field.value in INTERVAL_FIELDS:
        raise _unsupported_fields(field)


def _unsupported_fields(field: Lexeme) -> FeatureNotSupported:
    return FeatureNotSupported("INTERVAL with such fields is not supported", position=field.start + 1)


def _name(lexemes: list[Lexeme], index: int) -> list[Token]:
    """IF, and INSERT or SET where no statement or clause of theirs begins: sqlglot takes no such names."""
    _, value, start, end = lexemes[index]
    if value == "insert" and lexemes[index + 1 : index + 2] and lexemes[index + 1].value == "into":
        return []
    if value == "set" and index and lexemes[index - 1].value not in ("(", ",", "set"):
        return []
    return [Token(TokenType.IDENTIFIER, value, 1, index, start, end - 1)]


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
    **dict.fromkeys(TYPED_LITERALS, _typed_literal),
    "if": _name,
    "insert": _name,
    "set": _name,
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
