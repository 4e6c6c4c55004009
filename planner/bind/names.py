"""Output names: what PostgreSQL calls a result column that has no alias (FigureColname)."""

from __future__ import annotations

from sqlglot import exp

from ..parse.plain_calls import SPELLED
from .typed import Node, called_name
from .types import type_name_of

_BY_CLASS: dict[type, str] = {
    exp.CurrentTimestamp: "current_timestamp",
    exp.CurrentDate: "current_date",
    exp.CurrentTime: "current_time",
    exp.CurrentUser: "current_user",
    exp.StrPosition: "position",
    exp.Substring: "substring",
    exp.Trim: "btrim",
    exp.Extract: "extract",
    exp.TimestampTrunc: "date_trunc",
    exp.DateTrunc: "date_trunc",
    exp.GroupConcat: "string_agg",
    exp.ArrayAgg: "array_agg",
    exp.Array: "array",
    exp.Coalesce: "coalesce",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Nullif: "nullif",
    exp.Case: "case",
    exp.If: "case",
    exp.Exists: "exists",
    exp.Tuple: "row",
    exp.Count: "count",
    exp.ExplodingGenerateSeries: "generate_series",
    exp.GenerateSeries: "generate_series",
    exp.Explode: "unnest",
    exp.Unnest: "unnest",
    exp.Ceil: "ceil",
    exp.Ln: "ln",
    exp.LogicalAnd: "bool_and",
    exp.LogicalOr: "bool_or",
    exp.Stddev: "stddev",
    exp.StddevSamp: "stddev_samp",
    exp.StddevPop: "stddev_pop",
    exp.Variance: "variance",
    exp.VariancePop: "var_pop",
    exp.PercentileCont: "percentile_cont",
    exp.PercentileDisc: "percentile_disc",
    exp.Length: "length",
    exp.ToChar: "to_char",
    exp.TimeToStr: "to_char",
    exp.StrToDate: "to_date",
    exp.StrToTime: "to_timestamp",
    exp.UnixToTime: "to_timestamp",
    exp.Rand: "random",
    exp.ArraySize: "array_length",
    exp.ArrayToString: "array_to_string",
    exp.RegexpReplace: "regexp_replace",
    exp.Split: "string_to_array",
    exp.SplitPart: "split_part",
    exp.Initcap: "initcap",
    exp.Levenshtein: "levenshtein",
    exp.JSONBObjectAgg: "jsonb_object_agg",
    exp.JSONObjectAgg: "json_object_agg",
    exp.JSONArrayAgg: "json_agg",
    exp.CurrentSchema: "current_schema",
    exp.CurrentCatalog: "current_catalog",
    exp.SessionUser: "session_user",
    exp.Localtime: "localtime",
    exp.BitwiseAndAgg: "bit_and",
    exp.BitwiseOrAgg: "bit_or",
    exp.Localtimestamp: "localtimestamp",
}
# Operators that sqlglot counts among the functions.
_OPERATORS: tuple[type, ...] = (
    exp.Pow,
    exp.JSONBContainsTopKey,
    exp.JSONBContainsAnyTopKeys,
    exp.JSONBContainsAllTopKeys,
    exp.JSONBDeleteAtPath,
    exp.And,
    exp.Or,
    exp.Xor,
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.JSONBExtract,
    exp.JSONBExtractScalar,
    exp.JSONBContains,
    exp.RegexpLike,
    exp.RegexpILike,
    exp.Collate,
    exp.ArrayContainsAll,
    exp.ArrayOverlaps,
)
UNNAMED = "?column?"


def output_name(node: Node) -> str:
    """The result column's name."""
    if isinstance(node, exp.Alias):
        return str(node.alias)
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Dot):
        return str(node.expression.name)
    if isinstance(node, exp.Cast):
        return _cast_name(node)
    if isinstance(
        node,
        (
            exp.Paren,
            exp.Filter,
            exp.Window,
            exp.WithinGroup,
            exp.Order,
            exp.Bracket,
            exp.Distinct,
            exp.AtTimeZone,
            exp.IgnoreNulls,
        ),
    ):
        inner = output_name(node.this)
        return "timezone" if isinstance(node, exp.AtTimeZone) else inner
    if isinstance(node, exp.Subquery):
        query = node.this
        first = query.expressions[0] if isinstance(query, exp.Select) and query.expressions else None
        return output_name(first) if first is not None else UNNAMED
    if isinstance(node, exp.Case):
        return "case" if _is_weak(node) else output_name(node.args["default"])
    return _function_name(node)


def _function_name(node: Node) -> str:
    for comment in node.comments or ():
        if comment.startswith(SPELLED):
            return comment.removeprefix(SPELLED)
        if comment == exp.SQLGLOT_ANONYMOUS and isinstance(node, exp.Extract):
            return "date_part"
    for kind in type(node).__mro__:
        if kind in _BY_CLASS:
            if kind is exp.Array and isinstance(node, exp.Array):
                return "array"
            return _BY_CLASS[kind]
    if isinstance(node, exp.Anonymous):
        return called_name(node)
    if isinstance(node, exp.ConcatWs):
        return "concat_ws"
    if isinstance(node, exp.Func) and not isinstance(node, _OPERATORS):
        return node.sql_name().lower()
    return UNNAMED


def _cast_name(node: exp.Cast) -> str:
    return type_name_of(node.to) if _is_weak(node.this) else output_name(node.this)


def _is_weak(node: Node) -> bool:
    """Whether a cast's type names the column rather than this, which has no name or only a type's."""
    if isinstance(node, (exp.Paren, exp.Cast)):
        return _is_weak(node.this)
    if isinstance(node, exp.Case):
        return node.args.get("default") is None or _is_weak(node.args["default"])
    return output_name(node) == UNNAMED and not isinstance(node, exp.Subquery)
