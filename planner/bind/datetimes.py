"""Dates and times: EXTRACT, date_trunc, AT TIME ZONE, to_char, INTERVAL constants."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import AmbiguousFunction, FeatureNotSupported, InvalidParameterValue
from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import resolve, settle, to_text, undefined_function
from .functions import known, named
from .scope import Scope
from .typed import (
    DATE,
    FLOAT8,
    INT4,
    INTERVAL,
    NUMERIC,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    Node,
    Typed,
    call,
    cast,
    number,
    paren,
    pg,
    position_of,
    string,
)

_FIELD_NAMES = {
    "seconds": "second",
    "minutes": "minute",
    "hours": "hour",
    "days": "day",
    "weeks": "week",
    "months": "month",
    "years": "year",
    "decades": "decade",
    "centuries": "century",
    "millisecond": "milliseconds",
    "microsecond": "microseconds",
    "c": "century",
    "msec": "milliseconds",
    "usec": "microseconds",
}
_TIME_FIELDS = frozenset(("second", "minute", "hour", "milliseconds", "microseconds", "epoch"))
_ZONE_FIELDS = frozenset(("timezone", "timezone_hour", "timezone_minute"))
_DATE_FIELDS = frozenset(
    (
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "decade",
        "century",
        "millennium",
        "dow",
        "isodow",
        "doy",
        "isoyear",
        "julian",
        "epoch",
    )
)
_TRUNCATED = (_DATE_FIELDS | _TIME_FIELDS) - {"dow", "isodow", "doy", "isoyear", "julian", "epoch"}


def interval(binder: Binder, node: Node, scope: Scope) -> Typed:
    """INTERVAL '1 day': the unit, if any, belongs to the text."""
    amount = node.this
    unit = node.args.get("unit")
    if not isinstance(amount, exp.Literal):
        value = binder.expression(amount, scope)
        return Typed(cast(settle(binder, value).node, "INTERVAL"), INTERVAL)
    text = amount.name
    if unit is not None:
        text = f"{text} {unit.name.lower()}" if not isinstance(unit, exp.IntervalSpan) else text
    return resolve(binder, Typed(string(text), UNKNOWN, literal=text, position=position_of(node)), INTERVAL)


def current(binder: Binder, node: Node, scope: Scope) -> Typed:
    """CURRENT_DATE and its kin as calls: DuckDB would take the word for a column of that name beside it."""
    if node.this is not None:
        return known(binder, node, scope)
    now = call("now")
    if isinstance(node, exp.CurrentDate):
        return Typed(cast(now, "DATE"), DATE)
    if isinstance(node, exp.CurrentTime):
        return Typed(cast(now, "TIMETZ"), pg("timetz"))
    if isinstance(node, exp.Localtime):
        return Typed(cast(cast(now, "TIMESTAMP"), "TIME"), TIME)
    if isinstance(node, exp.Localtimestamp):
        return Typed(cast(now, "TIMESTAMP"), TIMESTAMP)
    return Typed(now, TIMESTAMPTZ)


def extract(binder: Binder, node: Node, scope: Scope) -> Typed:
    """EXTRACT gives numeric."""
    field = node.this.name.lower() if isinstance(node.this, (exp.Var, exp.Literal, exp.Column)) else ""
    value = binder.expression(node.expression, scope)
    if value.literal is not None:
        raise AmbiguousFunction(
            "function pg_catalog.extract(unknown, unknown) is not unique", position=position_of(node)
        )
    if exp.SQLGLOT_ANONYMOUS in (node.comments or ()):  # written date_part(field, x)
        return Typed(cast(_part(binder, field, value, "date_part").node, "DOUBLE"), FLOAT8)
    return _part(binder, field, value, "pg_catalog.extract")


def date_part(binder: Binder, node: Node, scope: Scope) -> Typed:
    """date_part gives float8."""
    values = [binder.expression(item, scope) for item in node.expressions]
    if len(values) != 2:
        raise undefined_function("date_part", values, position_of(node))
    if values[0].literal is None:
        return named(binder, "date_part", values, position_of(node))
    part = _part(binder, values[0].literal.lower(), values[1], "date_part")
    return Typed(cast(part.node, "DOUBLE"), FLOAT8)


def _part(binder: Binder, field: str, value: Typed, function: str) -> Typed:
    value = resolve(binder, value, TIMESTAMPTZ)
    if value.type is not None and value.type.name not in _KINDS:
        raise undefined_function(function, [Typed(string(field), UNKNOWN), value], value.position)
    field = _FIELD_NAMES.get(field, field)
    if value.type is not None:
        _check_field(field, value.type)
    source = value.node
    if field == "second":
        micros = paren(
            exp.Mod(this=call("date_part", string("microseconds"), source), expression=number(60_000_000))
        )
        return _scaled(micros, 6)
    if field == "milliseconds":
        return _scaled(call("date_part", string("microseconds"), source), 3)
    if field == "epoch" and value.is_type(DATE):
        return Typed(cast(call("date_part", string(field), source), "DECIMAL(38,0)"), NUMERIC)
    scale = 6 if field == "epoch" else 0
    return Typed(cast(call("date_part", string(field), source), f"DECIMAL(38,{scale})"), NUMERIC)


def _scaled(micros: Node, scale: int) -> Typed:
    """Microseconds as units of 10 ** scale of them, exactly."""
    divided = exp.Mul(
        this=cast(micros, "DECIMAL(20,0)"),
        expression=exp.Literal(this="0." + "0" * (scale - 1) + "1", is_string=False),
    )
    return Typed(cast(exp.Paren(this=divided), f"DECIMAL(38,{scale})"), NUMERIC)


_KINDS: dict[str, frozenset[str]] = {
    "date": _DATE_FIELDS,
    "timestamp": _DATE_FIELDS | _TIME_FIELDS,
    "timestamptz": _DATE_FIELDS | _TIME_FIELDS | _ZONE_FIELDS,
    "time": _TIME_FIELDS,
    "timetz": _TIME_FIELDS | _ZONE_FIELDS,
    "interval": (_TRUNCATED | {"epoch"}) - {"week"},
}


def _check_field(field: str, kind: PgType) -> None:
    if field in _KINDS[kind.name]:
        return
    if any(field in fields for fields in _KINDS.values()):
        raise FeatureNotSupported(f'unit "{field}" not supported for type {kind.sql_name}')
    raise InvalidParameterValue(f'unit "{field}" not recognized for type {kind.sql_name}')


def date_trunc(binder: Binder, node: Node, scope: Scope) -> Typed:
    """A date is a timestamptz at midnight here."""
    values = [binder.expression(item, scope) for item in node.expressions]
    if len(values) not in (2, 3):
        raise undefined_function("date_trunc", values, position_of(node))
    value = resolve(binder, values[1], TIMESTAMPTZ)
    if value.is_type(DATE):
        value = Typed(cast(value.node, "TIMESTAMPTZ"), TIMESTAMPTZ, position=value.position)
    if value.type is not None and not value.is_type(TIMESTAMP, TIMESTAMPTZ, INTERVAL):
        raise undefined_function("date_trunc", values, position_of(node))
    if values[0].literal is not None and value.type is not None:
        field = values[0].literal.lower()
        if _FIELD_NAMES.get(field, field) not in _TRUNCATED:
            raise InvalidParameterValue(f'unit "{field}" not recognized for type {value.type.sql_name}')
    unit = resolve(binder, values[0], TEXT).node
    if len(values) == 3:
        zone = resolve(binder, values[2], TEXT).node
        local = call("date_trunc", unit, call("timezone", zone, value.node))
        return Typed(call("timezone", zone.copy(), local), TIMESTAMPTZ)
    return Typed(call("date_trunc", unit, value.node), value.type)


def at_time_zone(binder: Binder, node: Node, scope: Scope) -> Typed:
    return _in_zone(binder, binder.expression(node.this, scope), binder.expression(node.args["zone"], scope))


def timezone(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [binder.expression(item, scope) for item in node.expressions]
    if len(values) != 2:
        raise undefined_function("timezone", values, position_of(node))
    return _in_zone(binder, values[1], values[0])


def _in_zone(binder: Binder, value: Typed, zone: Typed) -> Typed:
    value = resolve(binder, value, TIMESTAMPTZ)
    if value.is_type(DATE):
        value = Typed(cast(value.node, "TIMESTAMPTZ"), TIMESTAMPTZ)
    if value.is_type(TIME, pg("timetz")):
        raise FeatureNotSupported("AT TIME ZONE of a time is not supported", position=value.position)
    result = TIMESTAMP if value.is_type(TIMESTAMPTZ) else TIMESTAMPTZ
    if zone.is_type(INTERVAL):
        utc = call("timezone", string("UTC"), value.node)
        if result is TIMESTAMP:
            return Typed(exp.Add(this=utc, expression=paren(zone.node)), result)
        return Typed(exp.Sub(this=utc, expression=paren(zone.node)), result)
    return Typed(call("timezone", resolve(binder, zone, TEXT).node, value.node), result)


def to_char(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [binder.expression(item, scope) for item in node.expressions]
    if len(values) != 2 or values[0].is_open:
        raise undefined_function("to_char", values, position_of(node))
    value, template = values[0], resolve(binder, values[1], TEXT)
    if value.is_number:
        return Typed(call("sqlvec_number_to_char", to_text(value), template.node), TEXT)
    if value.is_type(INTERVAL):
        raise binder.unsupported(node, "to_char of interval")
    if value.type is not None and not value.is_type(DATE, TIMESTAMP, TIMESTAMPTZ):
        raise undefined_function("to_char", values, position_of(node))
    return Typed(call("sqlvec_to_char", cast(value.node, "TIMESTAMP"), template.node), TEXT)


def to_timestamp(binder: Binder, node: Node, scope: Scope) -> Typed:
    """Of seconds since 1970, or of a text and its template."""
    items = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
    values = [binder.expression(item, scope) for item in items]
    if len(values) == 1:
        seconds = resolve(binder, values[0], FLOAT8)
        return Typed(call("to_timestamp", cast(seconds.node, "DOUBLE")), TIMESTAMPTZ)
    return named(binder, "to_timestamp", values, position_of(node))


_INTERVAL_UNITS = ("years", "months", "weeks", "days", "hours", "mins", "secs")
_TO_INTERVAL = ("to_years", "to_months", "to_weeks", "to_days", "to_hours", "to_minutes", "to_seconds")


def make_interval(binder: Binder, node: Node, scope: Scope) -> Typed:
    """Arguments by place, or by name as in days => 10."""
    built: Node = cast(string("0 days"), "INTERVAL")
    for place, item in enumerate(node.expressions):
        name = item.this.name.lower() if isinstance(item, exp.Kwarg) else _INTERVAL_UNITS[place]
        value = binder.expression(item.expression if isinstance(item, exp.Kwarg) else item, scope)
        if name not in _INTERVAL_UNITS:
            raise undefined_function("make_interval", [value], position_of(node))
        is_seconds = name == "secs"
        amount = cast(
            resolve(binder, value, FLOAT8 if is_seconds else INT4).node, "DOUBLE" if is_seconds else "INTEGER"
        )
        built = exp.Add(this=built, expression=call(_TO_INTERVAL[_INTERVAL_UNITS.index(name)], amount))
    return Typed(exp.Paren(this=built), INTERVAL)
