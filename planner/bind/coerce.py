"""Coercion: open literals and parameters take the type of their context; known types are cast."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlvec.core.errors import CannotCoerce, DatatypeMismatch, UndefinedFunction
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.typmod import format_type

from .constants import read_literal
from .registered import ALIASES, alias_text
from .typed import (
    BOOL,
    BPCHAR,
    FLOAT4,
    FLOAT8,
    INT2,
    INT4,
    INT8,
    INTEGERS,
    INTERVAL,
    JSON,
    JSONB,
    NUMBERS,
    NUMERIC,
    STRINGS,
    TEXT,
    TIME,
    TIMESTAMPTZ,
    UNKNOWN,
    Typed,
    call,
    cast,
    number,
    paren,
    raise_error,
    string,
)

if TYPE_CHECKING:
    from .binder import Binder


def resolve(binder: Binder, value: Typed, type: PgType, typmod: int = -1) -> Typed:
    """Give an open literal or parameter its type; leave others alone."""
    if not value.is_open:
        return value
    if value.parameter is not None:
        binder.parameters.decide(value.parameter, type)
        node = cast(value.node, type.duckdb_name(typmod))
        return Typed(node, type, typmod, position=value.position)
    if value.literal is not None:
        node = read_literal(value.literal, type, typmod, value.position)
        return Typed(node, type, typmod, position=value.position)
    storage = "BIGINT" if type.name in ALIASES else type.duckdb_name(typmod)
    return Typed(cast(value.node, storage), type, typmod, position=value.position)


def settle(binder: Binder, value: Typed) -> Typed:
    """What is still open at the end is text, as in PostgreSQL."""
    return resolve(binder, value, TEXT) if value.is_open else value


def convert(binder: Binder, value: Typed, type: PgType, typmod: int = -1, *, explicit: bool = True) -> Typed:
    """CAST: `explicit` truncates strings silently, as PostgreSQL's casts do; assignment raises 22001."""
    if value.is_open:
        resolved = resolve(binder, value, type, typmod if type.name in ("vector", "numeric") else -1)
        if type.name in ("varchar", "bpchar") and typmod > 0:
            return Typed(
                _fit_string(resolved.node, type, typmod, explicit=explicit),
                type,
                typmod,
                position=value.position,
            )
        return replace(resolved, typmod=typmod)
    source = value.type
    if source is not None and not is_castable(source, type):
        raise CannotCoerce(f"cannot cast type {source.sql_name} to {type.sql_name}", position=value.position)
    if value.is_type(TIME) and type.name == "interval":
        micros = call("date_part", string("microseconds"), value.node)
        return Typed(call("to_microseconds", micros), type, position=value.position)
    if value.is_type(TIMESTAMPTZ) and type.name == "time":
        return Typed(cast(cast(value.node, "TIMESTAMP"), "TIME"), type, position=value.position)
    if value.is_type(INTERVAL) and type.name == "time":
        since_midnight = exp.Add(this=cast(string("00:00"), "TIME"), expression=paren(value.node))
        return Typed(paren(since_midnight), type, position=value.position)
    node = _converted(value, type, typmod, explicit=explicit)
    if source is not None and node is None:
        raise DatatypeMismatch(
            f"cannot cast type {source.sql_name} to {type.sql_name}", position=value.position
        )
    assert node is not None
    return Typed(node, type, typmod, position=value.position)


def is_castable(source: PgType, target: PgType) -> bool:
    """Whether PostgreSQL has a cast; what is not of the common kinds is left to DuckDB."""
    if target.name == "vector" and source.element is not None:
        return source.element.name in ("int4", "float4", "float8", "numeric")
    if source.name == "vector" and target.element is not None:
        return target.element.name == "float4"
    if source.is_array != target.is_array and "vector" not in (source.name, target.name):
        other = target if source.is_array else source
        return other.category == "S" or other.name in ("json", "jsonb", "unknown")
    if source.oid in NUMBERS and target.name == "bool":
        return source.name == "int4"
    if source.name == "bool" and target.oid in NUMBERS:
        return target.name == "int4"
    dates = ("date", "time", "timetz", "timestamp", "timestamptz", "interval")
    kinds = {kind.oid in NUMBERS or kind.name == "bool" for kind in (source, target)}
    return not (kinds == {True, False} and (source.name in dates or target.name in dates))


def _converted(value: Typed, type: PgType, typmod: int, *, explicit: bool) -> exp.Expression | None:
    target = type.duckdb_name(typmod)
    node = value.node
    if type.name in ("varchar", "bpchar") and typmod > 0:
        text = node if value.is_string else to_text(value)
        return _fit_string(text, type, typmod, explicit=explicit)
    if value.is_type(type) and (typmod < 0 or value.typmod == typmod):
        return node
    if type.name == "vector":
        return _to_vector(value, typmod)
    if type.name == "char":
        return call("left", to_text(value), number(1))
    if type.oid in STRINGS:
        return to_text(value)
    if type.oid == BOOL.oid and value.is_integer:
        return cast(node, target)
    if type.oid in INTEGERS and value.is_type(NUMERIC):
        # DuckDB rounds half away from zero, as PostgreSQL's numeric does.
        return cast(node, target)
    if type.oid in INTEGERS and value.is_number and not value.is_integer:
        return cast(call("round_even", node, number(0)), target)
    if type.oid == NUMERIC.oid and typmod < 0:
        return _to_numeric(value)
    if type.is_array:
        return _to_array(value, type, target)
    if type.oid in (JSON.oid, JSONB.oid) and value.is_type(JSON, JSONB):
        return node
    return cast(node, target)


def _to_array(value: Typed, type: PgType, target: str) -> exp.Expression:
    assert type.element is not None
    if type.element.oid in STRINGS and _is_of_vectors(value):
        return texts_of(value)
    source = call("sqlvec_array_in", value.node) if value.is_string else value.node
    return cast(source, target)


def _is_of_vectors(value: Typed) -> bool:
    return value.type is not None and value.type.element is not None and value.type.element.name == "vector"


def texts_of(value: Typed) -> exp.Expression:
    """An array's elements as texts."""
    assert value.type is not None
    item = to_text(Typed(exp.column("sqlvec_item"), value.type.element))
    return call(
        "list_transform", value.node, exp.Lambda(this=item, expressions=[exp.to_identifier("sqlvec_item")])
    )


def _to_numeric(value: Typed) -> exp.Expression:
    if value.is_type(NUMERIC):
        return value.node
    if value.is_integer:
        # No wider than needed: DuckDB takes digits behind the point away where 38 do not suffice.
        assert value.type is not None
        return cast(value.node, _INTEGER_DECIMALS[value.type.oid])
    return cast(value.node, "DECIMAL(38,10)")


_INTEGER_DECIMALS = {INT2.oid: "DECIMAL(5,0)", INT4.oid: "DECIMAL(10,0)", INT8.oid: "DECIMAL(19,0)"}


def _to_vector(value: Typed, typmod: int) -> exp.Expression:
    if value.is_array:
        made = call("sqlvec_array_to_vector", cast(value.node, "DOUBLE[]"), number(typmod))
        return made if typmod < 0 else cast(made, f"FLOAT[{typmod}]")
    if typmod < 0:
        return cast(value.node, "FLOAT[]")
    if value.typmod > 0 and value.typmod != typmod and value.type is not None and value.type.name == "vector":
        return raise_error("22000", f"expected {typmod} dimensions, not {value.typmod}")
    if value.typmod == typmod:
        return value.node
    checked = call("sqlvec_check_dimensions", cast(value.node, "FLOAT[]"), number(typmod))
    return cast(checked, f"FLOAT[{typmod}]")


def to_text(value: Typed) -> exp.Expression:
    """A value's text as PostgreSQL prints it, where DuckDB's cast differs."""
    if value.is_type(BPCHAR):
        return call("rtrim", value.node, string(" "))
    if value.type is None or value.is_string:
        return cast(value.node, "VARCHAR")
    if value.type.name == "bool":
        return cast(value.node, "VARCHAR")
    if value.type.name in ("date", "timestamp", "timestamptz"):
        # DuckDB writes 0044-03-15 (BC) 12:00, PostgreSQL 0044-03-15 12:00 BC.
        text = cast(value.node, "VARCHAR")
        return call("regexp_replace", text, string(r"^(\S+) \(BC\)(.*)$"), string(r"\1\2 BC"))
    if value.type.name in ALIASES:
        return alias_text(value.node, value.type)
    if value.type.name == "bytea":
        return exp.DPipe(this=string("\\x"), expression=call("lower", call("hex", value.node)))
    if value.type.name == "vector":
        return call("translate", call("sqlvec_array_out", value.node), string("{}"), string("[]"))
    if value.type.element is TIMESTAMPTZ:  # only DuckDB knows the session's zone
        return call("sqlvec_array_out", cast(value.node, "VARCHAR[]"))
    if value.is_array or value.is_type(NUMERIC, FLOAT4, FLOAT8, INTERVAL):
        return call("sqlvec_array_out", value.node)
    return cast(value.node, "VARCHAR")


def _fit_string(node: exp.Expression, type: PgType, typmod: int, *, explicit: bool) -> exp.Expression:
    length = typmod - 4
    if explicit:
        cut = call("left", node, number(length))
        return call("rpad", cut, number(length), string(" ")) if type.name == "bpchar" else cut
    message = f"value too long for type {format_type(type, typmod)}"
    # Trailing blanks beyond the length are dropped without complaint (SQL standard).
    checked = exp.Case(
        ifs=[
            exp.If(
                this=exp.LTE(
                    this=call("length", call("rtrim", node.copy(), string(" "))), expression=number(length)
                ),
                true=call("left", node.copy(), number(length)),
            )
        ],
        default=raise_error("22001", message),
    )
    whole = exp.Case(
        ifs=[exp.If(this=exp.LTE(this=call("length", node), expression=number(length)), true=node.copy())],
        default=checked,
    )
    guarded = exp.Case(
        ifs=[exp.If(this=exp.Is(this=paren(node.copy()), expression=exp.Null()), true=exp.Null())],
        default=whole,
    )
    return call("rpad", guarded, number(length), string(" ")) if type.name == "bpchar" else guarded


def common_type(binder: Binder, values: list[Typed], context: str) -> PgType | None:
    """The type that CASE, UNION, VALUES, ARRAY and COALESCE settle on (SELECT's rules for unions)."""
    known = [value for value in values if not value.is_open]
    if not known:
        return TEXT if values else None
    best = known[0].type
    for value in known[1:]:
        if best is None or value.type is None:
            return None
        best = _wider(best, value.type, context, value.position)
    return best


def _wider(left: PgType, right: PgType, context: str, position: int | None) -> PgType:
    if left.oid == right.oid:
        return left
    if left.oid in NUMBERS and right.oid in NUMBERS:
        return left if NUMBERS[left.oid] >= NUMBERS[right.oid] else right
    if left.oid in STRINGS and right.oid in STRINGS:
        return TEXT
    if left.category == right.category == "D":
        return left if left.preferred or left.name == "timestamp" else right
    raise DatatypeMismatch(
        f"{context} types {left.sql_name} and {right.sql_name} cannot be matched", position=position
    )


def unify(binder: Binder, values: list[Typed], context: str) -> tuple[list[Typed], PgType | None]:
    """Bring values to their common type."""
    target = common_type(binder, values, context)
    if target is None:
        return [settle(binder, value) for value in values], None
    return [resolve(binder, v, target) if v.is_open else _widen(v, target) for v in values], target


def _widen(value: Typed, target: PgType) -> Typed:
    if value.is_type(target) or value.type is None:
        return value
    if target.oid == NUMERIC.oid:
        return replace(value, node=_to_numeric(value), type=target, typmod=-1)
    return replace(value, node=cast(value.node, target.duckdb_name(-1)), type=target, typmod=-1)


def no_operator(operator: str, values: list[Typed], position: int | None) -> UndefinedFunction:
    names = [value.type.sql_name if value.type else "unknown" for value in values]
    text = f" {operator} ".join(names) if len(names) == 2 else f"{operator} {names[0]}"
    return UndefinedFunction(
        f"operator does not exist: {text}",
        hint="No operator matches the given name and argument types. You might need to "
        "add explicit type casts.",
        position=position,
    )


def undefined_function(name: str, arguments: list[Typed], position: int | None) -> UndefinedFunction:
    types = ", ".join(value.type.sql_name if value.type else "unknown" for value in arguments)
    return UndefinedFunction(
        f"function {name}({types}) does not exist",
        hint="No function matches the given name and argument types. You might need to "
        "add explicit type casts.",
        position=position,
    )


def as_boolean(binder: Binder, value: Typed, clause: str) -> Typed:
    """The condition of WHERE and its like: anything but boolean is 42804."""
    value = resolve(binder, value, BOOL)
    if value.type is not None and not value.is_type(BOOL):
        raise DatatypeMismatch(
            f"argument of {clause} must be type boolean, not type {value.type.sql_name}",
            position=value.position,
        )
    return value


def as_integer(binder: Binder, value: Typed, clause: str) -> Typed:
    """LIMIT and OFFSET take a bigint."""
    value = resolve(binder, value, INT8)
    if value.type is not None and not value.is_number:
        raise DatatypeMismatch(
            f"argument of {clause} must be type bigint, not type {value.type.sql_name}",
            position=value.position,
        )
    return value


__all__ = [
    "FLOAT8", "INT4", "UNKNOWN", "as_boolean", "as_integer", "common_type", "convert", "no_operator",
    "resolve", "settle", "to_text", "unify",
]  # fmt: skip
