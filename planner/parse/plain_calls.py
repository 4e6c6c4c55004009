"""Plain calls: functions that sqlglot must not read as its own classes, which lose or rewrite arguments."""

from __future__ import annotations

from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

# Only such as take their arguments between commas; EXTRACT(x FROM y) and its like need sqlglot's own reading.
_NAMES: Final = frozenset(
    [
        "abs",
        "acos",
        "array_append",
        "array_cat",
        "array_length",
        "array_position",
        "array_prepend",
        "array_remove",
        "array_to_string",
        "ascii",
        "asin",
        "atan",
        "atan2",
        "bit_length",
        "bit_xor",
        "btrim",
        "cbrt",
        "char_length",
        "character_length",
        "chr",
        "concat",
        "concat_ws",
        "cos",
        "current_schemas",
        "date_bin",
        "date_part",
        "date_trunc",
        "decode",
        "degrees",
        "div",
        "encode",
        "exp",
        "format",
        "gcd",
        "ifnull",
        "initcap",
        "json_object",
        "jsonb_object",
        "justify_days",
        "justify_hours",
        "justify_interval",
        "lcm",
        "left",
        "length",
        "ln",
        "lower",
        "lpad",
        "ltrim",
        "make_date",
        "make_interval",
        "make_time",
        "make_timestamp",
        "make_timestamptz",
        "md5",
        "nvl",
        "octet_length",
        "power",
        "radians",
        "regexp_count",
        "regexp_instr",
        "regexp_like",
        "regexp_replace",
        "regexp_substr",
        "regr_avgx",
        "regr_avgy",
        "regr_count",
        "regr_intercept",
        "regr_r2",
        "regr_slope",
        "repeat",
        "replace",
        "reverse",
        "right",
        "rpad",
        "rtrim",
        "sha256",
        "sign",
        "sin",
        "split_part",
        "sqrt",
        "starts_with",
        "string_to_array",
        "strpos",
        "substr",
        "tan",
        "timezone",
        "to_char",
        "to_date",
        "to_hex",
        "to_number",
        "to_timestamp",
        "translate",
        "upper",
        "width_bucket",
    ]
)


# Names that sqlglot gives up for another spelling of the same class.
_SPELLED: Final = frozenset(("ceiling", "mod", "now", "pow", "var_samp"))
SPELLED: Final = "spelled "


def mark_plain_calls(tokens: list[Token]) -> None:
    """Make sqlglot read these calls as functions that it does not know, or keep the name in a comment."""
    calls: list[str] = []
    before = ""
    for token in tokens:
        if token.token_type is TokenType.L_PAREN:
            calls.append(before)
        elif token.token_type is TokenType.R_PAREN and calls:
            name = calls.pop()
            if name in _NAMES:
                token.comments = [exp.SQLGLOT_ANONYMOUS]
            elif name in _SPELLED:
                token.comments = [SPELLED + name]
        before = token.text
