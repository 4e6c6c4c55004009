"""Operators: comparison, arithmetic, logic, patterns, with PostgreSQL's types and error cases."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import as_boolean, convert, no_operator, resolve, settle, to_text, unify
from .scope import Scope
from .typed import (
    BOOL, DATE, FLOAT4, FLOAT8, INT2, INT4, INT8, INTERVAL, JSON, JSONB, NUMBERS, NUMERIC, TEXT, TIME, TIMESTAMP,
    TIMESTAMPTZ, Node, Typed, call, cast, number, paren, pg, position_of, raise_error, string,
)  # fmt: skip

SYMBOLS: dict[type, str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.IntDiv: "/", exp.Mod: "%", exp.Pow: "^",
    exp.DPipe: "||", exp.Like: "~~", exp.ILike: "~~*", exp.RegexpLike: "~", exp.RegexpILike: "~*",
}  # fmt: skip
_DATETIMES = ("date", "timestamp", "timestamptz", "time", "timetz", "interval")


def operands(binder: Binder, node: Node, scope: Scope) -> tuple[Typed, Typed]:
    """Both sides; an open side takes the other's type."""
    left = binder.expression(node.this, scope)
    right = binder.expression(node.expression, scope)
    if left.is_open and not right.is_open and right.type is not None:
        left = resolve(binder, left, right.type, right.typmod if right.type.name == "vector" else -1)
    elif right.is_open and not left.is_open and left.type is not None:
        right = resolve(binder, right, left.type, left.typmod if left.type.name == "vector" else -1)
    return left, right


def rebuild(node: Node, left: Node, right: Node) -> Node:
    node.set("this", paren(left))
    node.set("expression", paren(right))
    return node


def compare(binder: Binder, node: Node, scope: Scope) -> Typed:
    right_side = node.expression
    if isinstance(right_side, (exp.Any, exp.All)):
        return quantified(binder, node, scope)
    if isinstance(node.this, exp.Tuple) or isinstance(right_side, exp.Tuple):
        return _row_compare(binder, node, scope)
    where = binder.text_position(node.this, right_side)
    left, right = operands(binder, node, scope)
    left, right = settle(binder, left), settle(binder, right)
    if not _comparable(left.type, right.type):
        raise no_operator(SYMBOLS.get(type(node), "="), [left, right], where)
    left, right = _align_numbers(left, right)
    return Typed(rebuild(node, left.node, right.node), BOOL)


def _align_numbers(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """PostgreSQL compares numeric with float as float8."""
    kinds = {value.type.oid for value in (left, right) if value.type is not None}
    if NUMERIC.oid in kinds and kinds & {FLOAT4.oid, FLOAT8.oid}:
        return tuple(
            replace(v, node=cast(v.node, "DOUBLE"), type=FLOAT8) if v.is_type(NUMERIC) else v for v in (left, right)
        )  # type: ignore[return-value]
    return left, right


def _row_compare(binder: Binder, node: Node, scope: Scope) -> Typed:
    left = binder.expression(node.this, scope)
    right = binder.expression(node.expression, scope)
    return Typed(rebuild(node, settle(binder, left).node, settle(binder, right).node), BOOL)


def _comparable(left: PgType | None, right: PgType | None) -> bool:
    if left is None or right is None:
        return True
    if left.name in ("json",) or right.name in ("json",):
        return False
    if left.oid == right.oid:
        return True
    if left.oid in NUMBERS and right.oid in NUMBERS:
        return True
    if left.is_array and right.is_array:
        assert left.element is not None and right.element is not None
        return _comparable(left.element, right.element) and left.element.category == right.element.category
    oids = ("oid", "regclass", "regtype", "regproc", "regnamespace", "int2", "int4", "int8")
    if left.name in oids and right.name in oids:
        return True
    datetimes = ("date", "timestamp", "timestamptz")
    if left.name in datetimes and right.name in datetimes:
        return True
    return left.category == right.category == "S"


def quantified(binder: Binder, node: Node, scope: Scope) -> Typed:
    """x = ANY (array | query), x <> ALL (...)."""
    quantifier = node.expression
    inner = quantifier.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    left = binder.expression(node.this, scope)
    if isinstance(inner, (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)):
        return _quantified_query(binder, node, left, inner, scope)
    array = binder.expression(inner, scope)
    if array.is_open:
        left = settle(binder, left)
        assert left.type is not None
        array = resolve(binder, array, _array(left.type))
    elif array.type is not None and array.type.element is not None:
        left = resolve(binder, left, array.type.element)
    elif array.type is not None:
        raise no_operator_array(array)
    return Typed(_quantify(node, quantifier, left.node, array.node), BOOL)


def no_operator_array(array: Typed) -> Exception:
    from sqlvec.core.errors import WrongObjectType

    return WrongObjectType("op ANY/ALL (array) requires array on right side", position=array.position)


def _quantify(node: Node, quantifier: Node, left: Node, array: Node) -> Node:
    if isinstance(quantifier, exp.Any) and isinstance(node, exp.EQ):
        return _contains_with_nulls(left, array)
    rows = exp.Select(expressions=[call("unnest", array)])
    kind = exp.Any if isinstance(quantifier, exp.Any) else exp.All
    rebuilt = type(node)(this=paren(left), expression=kind(this=rows))
    return rebuilt


def _contains_with_nulls(left: Node, array: Node) -> Node:
    """x = ANY(a): NULL when x is NULL, or when nothing matches and a holds a NULL."""
    hit = call("list_contains", array, left)
    nulls = exp.GT(this=exp.Sub(this=call("len", array.copy()), expression=call("list_count", array.copy())), expression=number(0))
    otherwise = exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=exp.false())
    return exp.Case(
        ifs=[
            exp.If(this=exp.Or(this=exp.Is(this=paren(left.copy()), expression=exp.Null()), expression=exp.Is(this=paren(array.copy()), expression=exp.Null())), true=exp.Null()),
            exp.If(this=hit, true=exp.true()),
        ],
        default=otherwise,
    )


def _quantified_query(binder: Binder, node: Node, left: Typed, inner: Node, scope: Scope) -> Typed:
    from .query import bind_query

    query = inner.this if isinstance(inner, exp.Subquery) else inner
    bound = bind_query(binder, query, scope)
    first = bound.columns[0]
    if left.is_open and first.type is not None:
        left = resolve(binder, left, first.type)
    left = settle(binder, left)
    if not _comparable(left.type, first.type):
        raise no_operator(SYMBOLS.get(type(node), "="), [left, Typed(bound.tree, first.type)], left.position)
    kind = exp.Any if isinstance(node.expression, exp.Any) else exp.All
    node.set("this", paren(left.node))
    node.set("expression", kind(this=bound.tree))
    return Typed(node, BOOL)


def _array(element: PgType) -> PgType:
    from sqlvec.core.types.registry import array_of

    return array_of(element)


def arithmetic(binder: Binder, node: Node, scope: Scope) -> Typed:
    where = binder.text_position(node.this, node.expression)
    left = binder.expression(node.this, scope)
    right = binder.expression(node.expression, scope)
    symbol = SYMBOLS[type(node)]
    special = _datetime_arithmetic(binder, node, left, right)
    if special is not None:
        return special
    if left.is_open and right.is_open:
        left, right = resolve(binder, left, FLOAT8), resolve(binder, right, FLOAT8)
    elif left.is_open and right.type is not None:
        left = resolve(binder, left, right.type)
    elif right.is_open and left.type is not None:
        right = resolve(binder, right, TEXT if left.is_type(JSONB) else left.type)
    if left.is_type(pg("vector")) and right.is_type(pg("vector")):
        return _vector_arithmetic(symbol, left, right)
    if left.is_type(JSONB) and symbol == "-":
        return Typed(call("sqlvec_jsonb_delete", cast(left.node, "VARCHAR"), right.node), JSONB)
    if left.type is None or right.type is None:
        return Typed(rebuild(node, left.node, right.node), None)
    if not (left.is_number and right.is_number):
        raise no_operator(symbol, [left, right], where)
    return _numeric(node, symbol, left, right)


def _vector_arithmetic(symbol: str, left: Typed, right: Typed) -> Typed:
    names = {"+": "sqlvec_vector_add", "-": "sqlvec_vector_sub", "*": "sqlvec_vector_mul"}
    node = call(names[symbol], left.node, right.node)
    return Typed(node, pg("vector"))


def _numeric(node: Node, symbol: str, left: Typed, right: Typed) -> Typed:
    assert left.type is not None and right.type is not None
    result = _result_type(symbol, left.type, right.type)
    a, b = paren(_as(left, result)), paren(_as(right, result))
    if symbol == "/":
        return Typed(_divide(a, b, result), result)
    if symbol == "%":
        checked = _nonzero(b, exp.Mod(this=a, expression=b.copy()))
        return Typed(checked, result)
    if symbol == "^":
        if result.oid == NUMERIC.oid:
            return Typed(cast(call("pow", a, b), "DECIMAL(38,16)"), NUMERIC)
        return Typed(call("pow", a, b), FLOAT8)
    return Typed(rebuild(node, a, b), result)


def _result_type(symbol: str, left: PgType, right: PgType) -> PgType:
    low, high = sorted((left, right), key=lambda t: NUMBERS[t.oid])
    if symbol == "^":
        return NUMERIC if NUMERIC.oid in (left.oid, right.oid) and high.oid == NUMERIC.oid else FLOAT8
    if high.oid == FLOAT4.oid and low.oid != FLOAT4.oid:
        return FLOAT8
    return high


def _as(value: Typed, result: PgType) -> Node:
    if value.type is not None and value.type.oid == result.oid:
        return value.node
    if result.oid == NUMERIC.oid:
        return cast(value.node, "DECIMAL(38,0)") if isinstance(value.node, exp.Parameter) else value.node
    return cast(value.node, result.duckdb)


def _divide(a: Node, b: Node, result: PgType) -> Node:
    if result.oid in (INT2.oid, INT4.oid, INT8.oid):
        return _nonzero(b, cast(call("divide", a, b.copy()), result.duckdb))
    if result.oid == NUMERIC.oid:
        return _nonzero(b, cast(exp.Div(this=cast(a, "DOUBLE"), expression=b.copy(), typed=False, safe=True), "DECIMAL(38,16)"))
    return _nonzero(b, exp.Div(this=a, expression=b.copy(), typed=False, safe=True))


def _nonzero(divisor: Node, result: Node) -> Node:
    if isinstance(divisor, exp.Literal) and divisor.this not in ("0", "0.0"):
        return result
    failed = raise_error("22012", "division by zero")
    return exp.Case(ifs=[exp.If(this=exp.EQ(this=divisor.copy(), expression=number(0)), true=failed)], default=result)


# (left, symbol, right) -> result; PostgreSQL's date and time arithmetic that DuckDB shares.
_DATETIME_RESULTS: dict[tuple[str, str, str], PgType] = {
    ("date", "+", "int4"): DATE, ("int4", "+", "date"): DATE, ("date", "-", "int4"): DATE,
    ("date", "-", "date"): INT4, ("date", "+", "interval"): TIMESTAMP, ("date", "-", "interval"): TIMESTAMP,
    ("interval", "+", "date"): TIMESTAMP, ("date", "+", "time"): TIMESTAMP,
    ("timestamp", "+", "interval"): TIMESTAMP, ("timestamp", "-", "interval"): TIMESTAMP,
    ("interval", "+", "timestamp"): TIMESTAMP, ("timestamp", "-", "timestamp"): INTERVAL,
    ("timestamptz", "+", "interval"): TIMESTAMPTZ, ("timestamptz", "-", "interval"): TIMESTAMPTZ,
    ("interval", "+", "timestamptz"): TIMESTAMPTZ, ("timestamptz", "-", "timestamptz"): INTERVAL,
    ("time", "+", "interval"): TIME, ("time", "-", "interval"): TIME, ("time", "-", "time"): INTERVAL,
    ("interval", "+", "interval"): INTERVAL, ("interval", "-", "interval"): INTERVAL,
}  # fmt: skip


def _datetime_arithmetic(binder: Binder, node: Node, left: Typed, right: Typed) -> Typed | None:
    names = [value.type.name if value.type else "" for value in (left, right)]
    if not any(name in _DATETIMES for name in names):
        return None
    symbol = SYMBOLS[type(node)]
    if symbol in "*/" and "interval" in names:
        return _scaled_interval(binder, symbol, left, right)
    if left.is_open or right.is_open:
        other = right if left.is_open else left
        assert other.type is not None
        # '2024-01-01' - date is a date; timestamp + '1 day' is an interval, as PostgreSQL resolves them.
        guess = INTERVAL if symbol == "+" or other.type.name in ("interval",) else other.type
        left, right = resolve(binder, left, guess), resolve(binder, right, guess)
        names = [value.type.name if value.type else "" for value in (left, right)]
    names = ["int4" if name in ("int2", "int8") else name for name in names]
    result = _DATETIME_RESULTS.get((names[0], symbol, names[1]))
    if result is None:
        if {"date", "timestamp", "timestamptz"} >= set(names) and symbol == "-":
            kind = TIMESTAMPTZ if "timestamptz" in names else TIMESTAMP
            sides = [cast(value.node, kind.duckdb) for value in (left, right)]
            return Typed(rebuild(node, *sides), INTERVAL)
        if None in (left.type, right.type):
            return Typed(rebuild(node, left.node, right.node), None)
        raise no_operator(symbol, [left, right], position_of(node))
    sides = [cast(v.node, "INTEGER") if v.is_integer and not v.is_type(INT4) else v.node for v in (left, right)]
    built = rebuild(node, *sides)
    return Typed(cast(built, "INTEGER") if result is INT4 else built, result)


def _scaled_interval(binder: Binder, symbol: str, left: Typed, right: Typed) -> Typed:
    interval, factor = (left, right) if left.is_type(INTERVAL) else (right, left)
    factor = resolve(binder, factor, FLOAT8)
    name = "sqlvec_interval_divide" if symbol == "/" else "sqlvec_interval_scale"
    return Typed(call(name, cast(interval.node, "INTERVAL"), cast(factor.node, "DOUBLE")), INTERVAL)


def negate(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        value = binder.expression(exp.Literal(this=f"-{inner.this}", is_string=False), scope)
        return replace(value, position=position_of(node))
    value = resolve(binder, binder.expression(inner, scope), FLOAT8)
    if value.type is not None and not (value.is_number or value.is_type(INTERVAL)):
        raise no_operator("-", [value], position_of(node))
    return Typed(exp.Neg(this=paren(value.node)), value.type, value.typmod)


def logic(binder: Binder, node: Node, scope: Scope) -> Typed:
    symbol = "AND" if isinstance(node, exp.And) else "OR"
    for side in ("this", "expression"):
        value = as_boolean(binder, binder.expression(node.args[side], scope), symbol)
        node.set(side, _in_logic(node, value.node))
    return Typed(node, BOOL)


def _in_logic(parent: Node, child: Node) -> Node:
    if isinstance(child, exp.Or) and isinstance(parent, exp.And):
        return exp.Paren(this=child)
    return child


def negation(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = as_boolean(binder, binder.expression(node.this, scope), "NOT")
    node.set("this", paren(value.node))
    return Typed(node, BOOL)


def parenthesised(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    if inner.is_open:
        return inner
    return replace(inner, node=paren(inner.node))


def is_test(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = binder.expression(node.this, scope)
    if isinstance(node.expression, exp.Boolean):
        value = as_boolean(binder, value, "IS TRUE" if node.expression.this else "IS FALSE")
    node.set("this", paren(settle(binder, value).node))
    return Typed(node, BOOL)


def between(binder: Binder, node: Node, scope: Scope) -> Typed:
    sides = ("this", "low", "high")
    values = [binder.expression(node.args[side], scope) for side in sides]
    known = next((value for value in values if not value.is_open and value.type is not None), None)
    if known is not None and known.type is not None:
        values = [resolve(binder, value, known.type) for value in values]
    values = [settle(binder, value) for value in values]
    for value in values[1:]:
        if not _comparable(values[0].type, value.type):
            raise no_operator(">=", [values[0], value], position_of(node))
    for side, value in zip(sides, values, strict=True):
        node.set(side, paren(value.node))
    return Typed(node, BOOL)


def in_list(binder: Binder, node: Node, scope: Scope) -> Typed:
    from .query import bind_query

    query = node.args.get("query")
    left = binder.expression(node.this, scope)
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        bound = bind_query(binder, inner, scope)
        if left.is_open and bound.columns[0].type is not None:
            left = resolve(binder, left, bound.columns[0].type)
        if not isinstance(node.this, exp.Tuple) and not _comparable(settle(binder, left).type, bound.columns[0].type):
            raise no_operator("=", [left, Typed(bound.tree, bound.columns[0].type)], left.position)
        node.set("query", exp.Subquery(this=bound.tree))
        node.set("this", paren(settle(binder, left).node))
        return Typed(node, BOOL)
    items = [binder.expression(item, scope) for item in node.expressions]
    values, _ = unify_for_comparison(binder, [left, *items])
    node.set("this", paren(values[0].node))
    node.set("expressions", [value.node for value in values[1:]])
    return Typed(node, BOOL)


def unify_for_comparison(binder: Binder, values: list[Typed]) -> tuple[list[Typed], PgType | None]:
    known = next((value for value in values if not value.is_open), None)
    if known is None:
        return unify(binder, values, "IN")
    target = known.type
    resolved = [resolve(binder, value, target) if target is not None else settle(binder, value) for value in values]
    for value in resolved[1:]:
        if not _comparable(resolved[0].type, value.type):
            raise no_operator("=", [resolved[0], value], value.position)
    return resolved, target


def pattern(binder: Binder, node: Node, scope: Scope) -> Typed:
    """LIKE, ILIKE, SIMILAR TO, ~, ~*: text on both sides."""
    where = binder.text_position(node.this, node.expression)
    if isinstance(node.expression, (exp.Any, exp.All)):
        return quantified(binder, node, scope)
    left = resolve(binder, binder.expression(node.this, scope), TEXT)
    right = resolve(binder, binder.expression(node.expression, scope), TEXT)
    for value in (left, right):
        if value.type is not None and not value.is_string:
            raise no_operator(SYMBOLS.get(type(node), "~~"), [left, right], where)
    if isinstance(node, (exp.Like, exp.ILike)):
        # PostgreSQL's default escape is the backslash; DuckDB has none.
        return Typed(call("like_escape" if isinstance(node, exp.Like) else "ilike_escape", left.node, right.node, string("\\")), BOOL)
    if isinstance(node, exp.SimilarTo):
        return Typed(call("sqlvec_similar_to", left.node, right.node), BOOL)
    if isinstance(node, exp.RegexpILike):
        return Typed(call("regexp_matches", left.node, right.node, string("i")), BOOL)
    return Typed(call("regexp_matches", left.node, right.node), BOOL)


def escape(binder: Binder, node: Node, scope: Scope) -> Typed:
    """LIKE ... ESCAPE 'x'."""
    inner = node.this
    kind = "ilike_escape" if isinstance(inner, exp.ILike) else "like_escape"
    sides = [resolve(binder, binder.expression(side, scope), TEXT).node for side in (inner.this, inner.expression, node.expression)]
    return Typed(call(kind, *sides), BOOL)


def concatenation(binder: Binder, node: Node, scope: Scope) -> Typed:
    """|| on text, arrays, jsonb, bytea, vectors."""
    where = binder.text_position(node.this, node.expression)
    left = binder.expression(node.this, scope)
    right = binder.expression(node.expression, scope)
    if left.is_array or right.is_array:
        return _concat_arrays(binder, left, right)
    if left.is_type(JSONB) or right.is_type(JSONB):
        sides = [resolve(binder, value, JSONB) for value in (left, right)]
        return Typed(call("sqlvec_jsonb_concat", *(cast(side.node, "VARCHAR") for side in sides)), JSONB)
    if left.is_type(pg("bytea")):
        right = resolve(binder, right, pg("bytea"))
        return Typed(rebuild(node, left.node, right.node), pg("bytea"))
    if left.is_type(pg("vector")):
        right = resolve(binder, right, pg("vector"))
        return Typed(call("list_concat", cast(left.node, "FLOAT[]"), cast(right.node, "FLOAT[]")), pg("vector"))
    left, right = settle(binder, left), settle(binder, right)
    if not (left.is_string or right.is_string or None in (left.type, right.type)):
        raise no_operator("||", [left, right], where)
    return Typed(exp.DPipe(this=paren(to_text(left)), expression=paren(to_text(right))), TEXT)


def _concat_arrays(binder: Binder, left: Typed, right: Typed) -> Typed:
    known = left if left.is_array else right
    assert known.type is not None
    element = known.type.element
    assert element is not None
    left, right = (resolve(binder, value, known.type) for value in (left, right))  # type: ignore[assignment]
    if left.is_array and right.is_array:
        both_null = call("list_concat", left.node, right.node)
        return Typed(both_null, known.type)
    if left.is_array:
        return Typed(call("list_append", left.node, convert(binder, right, element).node), left.type)
    return Typed(call("list_prepend", convert(binder, left, element).node, right.node), right.type)


def contains(binder: Binder, node: Node, scope: Scope) -> Typed:
    """@>, <@ and && on arrays, @> and <@ on jsonb."""
    left, right = operands(binder, node, scope)
    left, right = settle(binder, left), settle(binder, right)
    symbol = "&&" if isinstance(node, exp.ArrayOverlaps) else ("<@" if isinstance(node, exp.ArrayContainedBy) else "@>")
    if left.is_type(JSONB) and right.is_type(JSONB) and symbol != "&&":
        big, small = (left, right) if symbol == "@>" else (right, left)
        sides = [cast(side.node, "VARCHAR") for side in (big, small)]
        return Typed(call("sqlvec_jsonb_contains", *sides), BOOL)
    if not (left.is_array and right.is_array):
        raise no_operator(symbol, [left, right], position_of(node))
    if symbol == "&&":
        return Typed(call("list_has_any", left.node, right.node), BOOL)
    big, small = (left, right) if symbol == "@>" else (right, left)
    return Typed(_contains_all(big.node, small.node), BOOL)


def _contains_all(big: Node, small: Node) -> Node:
    """@> on arrays: no NULL is ever contained."""
    without_null = exp.EQ(this=call("list_count", small.copy()), expression=call("len", small.copy()))
    return exp.And(this=call("list_has_all", big, small), expression=without_null)


def bitwise(binder: Binder, node: Node, scope: Scope) -> Typed:
    left, right = operands(binder, node, scope)
    left, right = settle(binder, left), settle(binder, right)
    if not (left.is_integer and right.is_integer):
        raise no_operator({exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "#"}.get(type(node), "<<"), [left, right], position_of(node))
    assert left.type is not None and right.type is not None
    result = max((left.type, right.type), key=lambda t: NUMBERS[t.oid])
    if isinstance(node, exp.BitwiseXor):
        return Typed(call("xor", left.node, right.node), result)
    return Typed(rebuild(node, left.node, right.node), result)


def bitwise_not(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = settle(binder, binder.expression(node.this, scope))
    node.set("this", paren(value.node))
    return Typed(node, value.type)


def distinct_from(binder: Binder, node: Node, scope: Scope) -> Typed:
    left, right = operands(binder, node, scope)
    return Typed(rebuild(node, settle(binder, left).node, settle(binder, right).node), BOOL)

