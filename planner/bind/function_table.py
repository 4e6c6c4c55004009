"""FUNCTIONS: the functions that SQL may call, with their types and DuckDB's spelling: an allow-list.

What is not listed does not exist (42883): no function of DuckDB reaches a client by accident
(DESIGN section 8). `arguments` give open literals and parameters their type; "*" leaves them, "number" makes
them float8, "..." repeats the one before. `result` is a type name, "same" (first argument's), "element" (of
the first argument), "array" (of the first argument), or "?" (only DuckDB knows).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """One function; `duckdb` is its name there, or a template in which {0}, {1} are arguments."""

    duckdb: str
    result: str
    arguments: tuple[str, ...]
    optional: int = 0  # how many of the last arguments may be left out
    is_volatile: bool = False


def _f(duckdb: str, result: str, *arguments: str, optional: int = 0, volatile: bool = False) -> Function:
    return Function(duckdb, result, arguments, optional, volatile)


def _advisory_functions() -> dict[str, Function]:
    """pg_[try_]advisory_[xact_]lock[_shared] and pg_advisory_unlock[_shared]: one bigint or two integers."""
    held = "sqlvec_advisory(getvariable('sqlvec_session'), '{operation}', [{{*}}])"
    found: dict[str, Function] = {}

    def add(name: str, template: str, result: str) -> None:
        found[name] = _f(template, result, "int8", "int8", optional=1, volatile=True)

    for shared in ("", "_shared"):
        for xact in ("", "_xact"):
            lock = held.format(operation=f"lock{xact}{shared}")
            add(f"pg_advisory{xact}_lock{shared}", f"CASE WHEN {lock} THEN '' END", "void")
            add(
                f"pg_try_advisory{xact}_lock{shared}",
                held.format(operation=f"try_lock{xact}{shared}"),
                "bool",
            )
        add(f"pg_advisory_unlock{shared}", held.format(operation=f"unlock{shared}"), "bool")
    return found


# A number of characters or copies, once the octets they make fit into a text (PostgreSQL's MaxAllocSize).
_FITTING = "CASE WHEN {} > 1073741819 THEN error('[sqlvec 54000] requested length too large') ELSE {{1}} END"
_REPEATED = _FITTING.format("strlen({0})::BIGINT * {1}")
_PADDED = _FITTING.format("{1}::BIGINT * 4")  # UTF-8 has up to four octets for a character

FUNCTIONS: dict[str, Function] = {
    # text
    "length": _f("length", "int4", "text"),
    "char_length": _f("length", "int4", "text"),
    "character_length": _f("length", "int4", "text"),
    "octet_length": _f("strlen", "int4", "text"),
    "bit_length": _f("bit_length", "int4", "text"),
    "lower": _f("lower", "text", "text"),
    "upper": _f("upper", "text", "text"),
    "btrim": _f("trim", "text", "text", "text", optional=1),
    "ltrim": _f("ltrim", "text", "text", "text", optional=1),
    "rtrim": _f("rtrim", "text", "text", "text", optional=1),
    "left": _f("left", "text", "text", "int4"),
    "right": _f("right", "text", "text", "int4"),
    "lpad": _f(f"lpad({{0}}, {_PADDED}, {{2}})", "text", "text", "int4", "text"),
    "rpad": _f(f"rpad({{0}}, {_PADDED}, {{2}})", "text", "text", "int4", "text"),
    "repeat": _f(f"repeat({{0}}, {_REPEATED})", "text", "text", "int4"),
    "reverse": _f("reverse", "text", "text"),
    "replace": _f("replace", "text", "text", "text", "text"),
    "translate": _f("translate", "text", "text", "text", "text"),
    "substr": _f("substring", "text", "text", "int4", "int4", optional=1),
    "substring": _f("substring", "text", "text", "int4", "int4", optional=1),
    "strpos": _f("strpos", "int4", "text", "text"),
    "starts_with": _f("starts_with", "bool", "text", "text"),
    "split_part": _f(
        "CASE WHEN {2} = 0 THEN error('[sqlvec 22023] field position must not be zero') "
        "ELSE split_part({0}, {1}, {2}) END",
        "text",
        "text",
        "text",
        "int4",
    ),
    "initcap": _f("sqlvec_initcap", "text", "text"),
    "ascii": _f("ascii", "int4", "text"),
    "chr": _f(
        "CASE WHEN {0} = 0 THEN error('[sqlvec 54000] null character not permitted') "
        "WHEN {0} < 0 THEN error('[sqlvec 22023] character number must be positive') ELSE chr({0}) END",
        "text",
        "int4",
    ),
    "md5": _f("md5", "text", "text"),
    "sha256": _f("from_hex(sha256({0}))", "bytea", "bytea"),
    "quote_ident": _f("sqlvec_quote_ident", "text", "text"),
    "quote_literal": _f("sqlvec_quote_literal", "text", "text"),
    "encode": _f("sqlvec_encode", "text", "bytea", "text"),
    "decode": _f("sqlvec_decode", "bytea", "text", "text"),
    "regexp_match": _f("sqlvec_regexp_match", "_text", "text", "text"),
    "regexp_split_to_array": _f("string_split_regex", "_text", "text", "text"),
    "regexp_count": _f("CAST(len(regexp_extract_all({0}, {1})) AS INTEGER)", "int4", "text", "text"),
    "string_to_array": _f(
        "CASE WHEN {0} = '' THEN CAST([] AS VARCHAR[]) WHEN {1} IS NULL THEN "
        "string_split({0}, '') ELSE string_split({0}, {1}) END",
        "_text",
        "text",
        "text",
    ),
    "format_type": _f("sqlvec_format_type", "text", "int8", "int8"),
    "to_hex": _f("lower(hex({0}))", "text", "int8"),
    "array_lower": _f(
        "CASE WHEN sqlvec_array_length({0}, {1}) IS NOT NULL THEN 1 END", "int4", "anyarray", "int4"
    ),
    "array_dims": _f("sqlvec_array_dims", "text", "anyarray"),
    "array_replace": _f(
        "list_transform({0}, lambda x: CASE WHEN x IS NOT DISTINCT FROM {1} THEN {2} ELSE x END)",
        "same",
        "anyarray",
        "element",
        "element",
    ),
    "array_positions": _f(
        "CAST(list_filter(range(1, len({0}) + 1), lambda i: list_extract({0}, i) IS NOT "
        "DISTINCT FROM {1}) AS INTEGER[])",
        "_int4",
        "anyarray",
        "element",
    ),
    "generate_subscripts": _f(
        "unnest(CAST(range(1, len({0}) + 1) AS INTEGER[]))", "int4", "anyarray", "int4"
    ),
    "sign": _f("CAST(sign({0}) AS DOUBLE)", "float8", "float8"),
    "div": _f("trunc({0} / {1})", "numeric", "numeric", "numeric"),
    "justify_hours": _f("sqlvec_justify_hours", "interval", "interval"),
    "justify_interval": _f("sqlvec_justify_interval", "interval", "interval"),
    "date_bin": _f("time_bucket", "same2", "interval", "timestamp", "timestamp"),
    "regexp_like": _f("regexp_matches({*})", "bool", "text", "text", "text", optional=1),
    "regexp_substr": _f("nullif(regexp_extract({0}, {1}), '')", "text", "text", "text"),
    "regexp_instr": _f(
        "CASE WHEN regexp_matches({0}, {1}) THEN strpos({0}, regexp_extract({0}, {1})) ELSE 0 END",
        "int4",
        "text",
        "text",
    ),
    "regexp_split_to_table": _f("unnest(string_split_regex({0}, {1}))", "text", "text", "text"),
    "string_to_table": _f("unnest(string_split({0}, {1}))", "text", "text", "text"),
    "regexp_replace": _f("regexp_replace({*})", "text", "text", "text", "text", "text", optional=1),
    "quote_nullable": _f(
        "CASE WHEN {0} IS NULL THEN 'NULL' ELSE sqlvec_quote_literal({0}) END", "text", "text"
    ),
    "convert_from": _f("decode({0})", "text", "bytea", "text"),
    "convert_to": _f("encode({0})", "bytea", "text", "text"),
    "regr_count": _f("CAST(regr_count({0}, {1}) AS BIGINT)", "int8", "float8", "float8"),
    "to_timestamp": _f("CAST(sqlvec_to_timestamp({0}, {1}) AS TIMESTAMPTZ)", "timestamptz", "text", "text"),
    "to_date": _f("CAST(sqlvec_to_timestamp({0}, {1}) AS DATE)", "date", "text", "text"),
    "to_number": _f("CAST(sqlvec_to_number({0}, {1}) AS DECIMAL(38,10))", "numeric", "text", "text"),
    "jsonb_exists_any": _f("sqlvec_jsonb_exists(CAST({0} AS VARCHAR), {1}, 1)", "bool", "jsonb", "_text"),
    "jsonb_exists_all": _f("sqlvec_jsonb_exists(CAST({0} AS VARCHAR), {1}, 0)", "bool", "jsonb", "_text"),
    "booleq": _f("{0} = {1}", "bool", "bool", "bool"),
    # numbers
    "abs": _f("abs", "same", "number"),
    "sqrt": _f(
        "CASE WHEN {0} < 0 THEN error('[sqlvec 2201F] cannot take square root of a "
        "negative number') ELSE sqrt({0}) END",
        "float8",
        "float8",
    ),
    "cbrt": _f("cbrt", "float8", "float8"),
    "exp": _f(
        "CASE WHEN isinf(exp({0})) AND NOT isinf({0}) THEN error('[sqlvec 22003] value "
        "out of range: overflow') ELSE exp({0}) END",
        "float8",
        "float8",
    ),
    "ln": _f(
        "CASE WHEN {0} = 0 THEN error('[sqlvec 2201E] cannot take logarithm of zero') "
        "WHEN {0} < 0 THEN error('[sqlvec 2201E] cannot take logarithm of a negative "
        "number') ELSE ln({0}) END",
        "float8",
        "float8",
    ),
    "log10": _f(
        "CASE WHEN {0} = 0 THEN error('[sqlvec 2201E] cannot take logarithm of zero') "
        "WHEN {0} < 0 THEN error('[sqlvec 2201E] cannot take logarithm of a negative "
        "number') ELSE log10({0}) END",
        "float8",
        "float8",
    ),
    "sin": _f("sin", "float8", "float8"),
    "cos": _f("cos", "float8", "float8"),
    "tan": _f("tan", "float8", "float8"),
    "asin": _f("asin", "float8", "float8"),
    "acos": _f("acos", "float8", "float8"),
    "atan": _f("atan", "float8", "float8"),
    "atan2": _f("atan2", "float8", "float8", "float8"),
    "pi": _f("pi", "float8"),
    "degrees": _f("degrees", "float8", "float8"),
    "radians": _f("radians", "float8", "float8"),
    "random": _f("random", "float8", volatile=True),
    "gcd": _f("gcd", "same", "*", "*"),
    "lcm": _f("lcm", "same", "*", "*"),
    "factorial": _f("CAST(factorial(CAST({0} AS INTEGER)) AS DECIMAL(38,0))", "numeric", "int8"),
    "width_bucket": _f("sqlvec_width_bucket", "int4", "float8", "float8", "float8", "int4"),
    "setseed": _f("setseed", "void", "float8", volatile=True),
    # dates and times
    "age": _f("age", "interval", "timestamptz", "timestamptz", optional=1),
    "clock_timestamp": _f("get_current_timestamp", "timestamptz", volatile=True),
    "statement_timestamp": _f("now", "timestamptz"),
    "transaction_timestamp": _f("now", "timestamptz"),
    "make_date": _f("make_date", "date", "int4", "int4", "int4"),
    "make_time": _f("make_time", "time", "int4", "int4", "float8"),
    "make_timestamp": _f("make_timestamp", "timestamp", "int4", "int4", "int4", "int4", "int4", "float8"),
    "make_timestamptz": _f(
        "CAST(make_timestamp({*}) AS TIMESTAMPTZ)",
        "timestamptz",
        "int4",
        "int4",
        "int4",
        "int4",
        "int4",
        "float8",
    ),
    "date_part": _f("CAST(date_part({0}, {1}) AS DOUBLE)", "float8", "text", "timestamp"),
    "date_trunc": _f("date_trunc", "same2", "text", "timestamptz"),
    "justify_days": _f("sqlvec_justify_days", "interval", "interval"),
    "isfinite": _f("isfinite", "bool", "timestamp"),
    # arrays
    "array_length": _f("sqlvec_array_length", "int4", "anyarray", "int4"),
    "cardinality": _f("sqlvec_cardinality", "int4", "anyarray"),
    "array_upper": _f("sqlvec_array_length", "int4", "anyarray", "int4"),
    "array_ndims": _f("sqlvec_array_ndims", "int4", "anyarray"),
    "array_append": _f("list_append({0}, {1})", "same", "anyarray", "element"),
    "array_prepend": _f("list_prepend", "same2", "*", "*"),
    "array_cat": _f("list_concat({0}, {1})", "same", "anyarray", "anyarray"),
    "array_position": _f(
        "list_extract(CAST(list_filter(range(1, len({0}) + 1), lambda i: "
        "list_extract({0}, i) IS NOT DISTINCT FROM {1}) AS INTEGER[]), 1)",
        "int4",
        "anyarray",
        "element",
    ),
    "array_remove": _f("list_filter({0}, lambda x: x IS DISTINCT FROM {1})", "same", "anyarray", "element"),
    "array_to_string": _f("sqlvec_array_to_string", "text", "anyarray", "text", "text", optional=1),
    "trim_array": _f(
        "CASE WHEN {1} < 0 OR {1} > len({0}) THEN error(concat('[sqlvec 2202E] number of "
        "elements to trim must be between 0 and ', len({0}))) ELSE list_slice({0}, 1, len({0}) - {1}) END",
        "same",
        "anyarray",
        "int4",
    ),
    # json
    "json_build_object": _f("json_object", "json", "*", "..."),
    "json_build_array": _f("json_array", "json", "*", "..."),
    "jsonb_build_object": _f("sqlvec_jsonb(json_object({*}))", "jsonb", "*", "..."),
    "jsonb_build_array": _f("sqlvec_jsonb(json_array({*}))", "jsonb", "*", "..."),
    "json_typeof": _f("sqlvec_json_typeof", "text", "json"),
    "jsonb_typeof": _f("sqlvec_json_typeof", "text", "jsonb"),
    "json_array_length": _f("CAST(json_array_length({0}) AS INTEGER)", "int4", "json"),
    "jsonb_array_length": _f("CAST(json_array_length({0}) AS INTEGER)", "int4", "jsonb"),
    "jsonb_set": _f("sqlvec_jsonb_set", "jsonb", "jsonb", "_text", "jsonb", "bool", optional=1),
    "jsonb_strip_nulls": _f("sqlvec_jsonb_strip_nulls", "jsonb", "jsonb"),
    "jsonb_pretty": _f("sqlvec_jsonb_pretty", "text", "jsonb"),
    "jsonb_extract_path_text": _f(
        "sqlvec_json_path_text(CAST({0} AS VARCHAR), [{*1}])", "text", "jsonb", "text", "..."
    ),
    "jsonb_extract_path": _f(
        "CAST(sqlvec_json_path(CAST({0} AS VARCHAR), [{*1}]) AS JSON)", "jsonb", "jsonb", "text", "..."
    ),
    "jsonb_exists": _f("sqlvec_jsonb_exists(CAST({0} AS VARCHAR), [{1}], 1)", "bool", "jsonb", "text"),
    "json_object_keys": _f("unnest(json_keys({0}))", "text", "json"),
    "jsonb_object_keys": _f("unnest(json_keys({0}))", "text", "jsonb"),
    "json_array_elements": _f("unnest(json_extract({0}, '$[*]'))", "json", "json"),
    "jsonb_array_elements": _f("unnest(json_extract({0}, '$[*]'))", "jsonb", "jsonb"),
    "json_array_elements_text": _f("unnest(json_extract_string({0}, '$[*]'))", "text", "json"),
    "jsonb_array_elements_text": _f("unnest(json_extract_string({0}, '$[*]'))", "text", "jsonb"),
    # vectors
    "array_to_vector": _f(
        "sqlvec_array_to_vector(CAST({0} AS DOUBLE[]), {1})", "vector", "*", "int4", "bool"
    ),
    "vector_to_float4": _f("CAST({0} AS FLOAT[])", "_float4", "vector", "int4", "bool"),
    "vector_dims": _f("CAST(len({0}) AS INTEGER)", "int4", "vector"),
    "vector_norm": _f("sqlvec_vector_norm({0})", "float8", "vector"),
    "l2_norm": _f("sqlvec_vector_norm({0})", "float8", "vector"),
    "l2_normalize": _f("sqlvec_l2_normalize({0})", "vector", "vector"),
    "subvector": _f("sqlvec_subvector({0}, {1}, {2})", "vector", "vector", "int4", "int4"),
    # ids and system
    "gen_random_uuid": _f("uuid", "uuid", volatile=True),
    "uuid_generate_v4": _f("uuid", "uuid", volatile=True),
    "pg_sleep": _f("sqlvec_pg_sleep({0}, getvariable('sqlvec_session'))", "void", "float8", volatile=True),
    "obj_description": _f("CAST(NULL AS VARCHAR)", "text", "*", "*", optional=1),
    "col_description": _f("CAST(NULL AS VARCHAR)", "text", "*", "*"),
    "shobj_description": _f("CAST(NULL AS VARCHAR)", "text", "*", "*"),
    "pg_table_is_visible": _f("sqlvec_table_is_visible(getvariable('sqlvec_session'), {0})", "bool", "int8"),
    **{
        f"pg_{kind}_is_visible": _f("CAST({0} IS NOT NULL AS BOOLEAN)", "bool", "int8")
        for kind in (
            "collation",
            "conversion",
            "function",
            "opclass",
            "operator",
            "opfamily",
            "statistics_obj",
            "ts_config",
            "ts_dict",
            "ts_parser",
            "ts_template",
            "type",
        )
    },  # of which there is one schema
    "pg_relation_is_publishable": _f("CAST({0} IS NOT NULL AS BOOLEAN)", "bool", "*"),
    "pg_get_statisticsobjdef_columns": _f("CAST(NULL AS VARCHAR)", "text", "int8"),
    # locks and other sessions
    **_advisory_functions(),
    "pg_advisory_unlock_all": _f(
        "sqlvec_advisory_unlock_all(getvariable('sqlvec_session'))", "void", volatile=True
    ),
    "pg_cancel_backend": _f(
        "sqlvec_cancel_backend(getvariable('sqlvec_session'), {0})", "bool", "int8", volatile=True
    ),
    "pg_terminate_backend": _f(
        "sqlvec_terminate_backend(getvariable('sqlvec_session'), {0})",
        "bool",
        "int8",
        "int8",
        optional=1,
        volatile=True,
    ),
    "pg_blocking_pids": _f("CAST(sqlvec_blocking_pids({0}) AS INTEGER[])", "_int4", "int8", volatile=True),
    "pg_encoding_to_char": _f("'UTF8'", "name", "int4"),
    "pg_get_expr": _f("sqlvec_get_expr", "text", "text", "int8", "bool", optional=1),
    "pg_get_indexdef": _f("sqlvec_get_indexdef", "text", "int8", "int4", "bool", optional=2),
    # No table is a partition; psql's \d unites their ancestors with the table itself.
    "pg_partition_ancestors": _f("unnest(list_resize([{0}], 0))", "regclass", "regclass"),
    "pg_get_triggerdef": _f("CAST(NULLIF({0}, {0}) AS VARCHAR)", "text", "int8", "bool", optional=1),
    "pg_get_constraintdef": _f("sqlvec_get_constraintdef", "text", "int8", "bool", optional=1),
    "pg_relation_size": _f("sqlvec_relation_size", "int8", "regclass", "text", optional=1),
    "pg_total_relation_size": _f("sqlvec_relation_size", "int8", "regclass"),
    "pg_table_size": _f("sqlvec_relation_size", "int8", "regclass"),
    "pg_size_pretty": _f("sqlvec_size_pretty", "text", "int8"),
    "txid_current": _f("CAST(txid_current() AS BIGINT)", "int8", volatile=True),
    "bool_and": _f("bool_and", "bool", "bool"),
    "bool_or": _f("bool_or", "bool", "bool"),
    "every": _f("bool_and", "bool", "bool"),
    "grouping": _f("CAST(grouping({*}) AS INTEGER)", "int4", "*", "..."),
    "bit_and": _f("bit_and", "same", "*"),
    "bit_or": _f("bit_or", "same", "*"),
    "bit_xor": _f("bit_xor", "same", "*"),
    "regr_slope": _f("regr_slope", "float8", "float8", "float8"),
    "regr_intercept": _f("regr_intercept", "float8", "float8", "float8"),
    "mode": _f("mode", "same"),
    "cume_dist": _f("cume_dist", "float8"),
    "percent_rank": _f("percent_rank", "float8"),
    "rank": _f("rank", "int8"),
    "dense_rank": _f("dense_rank", "int8"),
    "row_number": _f("row_number", "int8"),
    "ntile": _f("ntile", "int4", "int4"),
}
