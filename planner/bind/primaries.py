"""Primaries: columns, literals, parameters, casts, rows."""

from __future__ import annotations

from dataclasses import replace
from math import isinf

from sqlglot import exp

from sqlvec.core.errors import (
    FeatureNotSupported,
    NumericValueOutOfRange,
    SqlSyntaxError,
    UndefinedColumn,
)

from .binder import Binder
from .coerce import convert, resolve
from .registered import regclass_constant, to_alias
from .scope import RangeEntry, Scope
from .typed import (
    BOOL,
    FLOAT8,
    INT4,
    INT8,
    NUMERIC,
    TEXT,
    UNKNOWN,
    Node,
    Typed,
    cast,
    paren,
    pg,
    position_of,
    quoted,
    string,
)  # fmt: skip
from .types import resolve_type


def column(binder: Binder, node: Node, scope: Scope) -> Typed:
    assert isinstance(node, exp.Column)
    position = position_of(node)
    if isinstance(node.this, exp.Star):
        raise SqlSyntaxError('row expansion via "*" is not supported here', position=position)
    table = node.args.get("table")
    if table is None:
        keyword = _keyword(binder, node, scope)
        if keyword is not None:
            return keyword
    table_name = fold(table) if table is not None else None
    name = fold(node.this)
    if table_name is None and not _is_column(scope, name):
        whole = scope.find_entry(name)
        if whole is not None:
            if whole.is_scalar:
                only = whole.columns[0]
                bound = exp.Column(this=quoted(only.name), table=quoted(whole.alias))
                return Typed(bound, only.type, only.typmod, position=position)
            return _whole_row(whole)
    entry, found = scope.find(table_name, name, position)
    bound = exp.Column(this=quoted(found.name), table=quoted(entry.alias))
    return Typed(
        bound,
        found.type,
        found.typmod,
        position=position,
        table_oid=found.table_oid,
        attribute=found.attribute,
    )


def fold(identifier: Node) -> str:
    """PostgreSQL's case folding: unquoted names are lower case."""
    name = identifier.name
    return name if identifier.args.get("quoted") else name.lower()


def _is_column(scope: Scope, name: str) -> bool:
    return any(entry.column(name) is not None for entry in scope.visible())


# Words that sqlglot leaves as columns.
def _keyword(binder: Binder, node: exp.Column, scope: Scope) -> Typed | None:
    if node.this.args.get("quoted"):
        return None
    word = node.name.lower()
    if word in ("user", "current_role", "session_user", "current_user") and not _is_column(scope, word):
        is_session = word == "session_user"
        return Typed(string(binder.catalog.session_user if is_session else binder.catalog.user), pg("name"))
    if word == "current_catalog":
        return Typed(string(binder.catalog.database), pg("name"))
    if word == "default" and not _is_column(scope, word):
        raise SqlSyntaxError("DEFAULT is not allowed in this context", position=position_of(node))
    return None


def _whole_row(entry: RangeEntry) -> Typed:
    """A table's name as a value is its row; the hidden row id stays hidden."""
    entry.read()
    fields = [
        exp.PropertyEQ(
            this=quoted(c.name), expression=exp.Column(this=quoted(c.name), table=quoted(entry.alias))
        )
        for c in entry.columns
    ]
    values = tuple(
        (c.name, Typed(field.expression, c.type, c.typmod))
        for c, field in zip(entry.columns, fields, strict=True)
    )
    return Typed(exp.Struct(expressions=fields), pg("record"), fields=values)


def literal(binder: Binder, node: Node, scope: Scope) -> Typed:
    position = position_of(node)
    if node.args.get("is_string"):
        return Typed(node, UNKNOWN, literal=str(node.this), position=position)
    text = str(node.this)
    if any(mark in text.lower() for mark in ".e"):
        return _decimal(text, position)
    value = int(text.replace("_", ""))
    if -(2**31) <= value < 2**31:
        return Typed(node, INT4, position=position)
    if -(2**63) <= value < 2**63:
        return Typed(cast(node, "BIGINT"), INT8, position=position)
    return _decimal(text, position)


def _too_many_digits(position: int | None) -> NumericValueOutOfRange:
    return NumericValueOutOfRange(
        "numeric literals of more than 38 digits are not supported", position=position
    )


def _decimal(text: str, position: int | None) -> Typed:
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    shift = int(exponent or 0)
    digits = whole.lstrip("-") + fraction
    if isinf(float(text)) or (float(text) == 0 and digits.strip("0_")):
        raise _too_many_digits(position)
    point = len(whole.lstrip("-")) + shift
    if point <= 0:
        whole_digits, fraction_digits = "0", "0" * -point + digits
    else:
        whole_digits, fraction_digits = digits[:point].ljust(point, "0"), digits[point:]
    sign = "-" if text.startswith("-") else ""
    if len(whole_digits.lstrip("0")) + len(fraction_digits) > 38:
        if "e" not in text.lower():
            raise _too_many_digits(position)
        return Typed(cast(string(text), "DOUBLE"), FLOAT8, position=position)
    plain = f"{sign}{whole_digits.lstrip('0') or '0'}"
    if not fraction_digits:
        return Typed(cast(string(plain), f"DECIMAL({len(plain.lstrip('-'))},0)"), NUMERIC, position=position)
    node = exp.Literal(this=f"{plain}.{fraction_digits}", is_string=False)
    return Typed(node, NUMERIC, position=position)


def string_constant(binder: Binder, node: Node, scope: Scope) -> Typed:
    """E'...', N'...', U&'...', $$...$$: the tokenizer has undone the escapes."""
    return Typed(
        exp.Literal.string(str(node.this)), UNKNOWN, literal=str(node.this), position=position_of(node)
    )


def null(binder: Binder, node: Node, scope: Scope) -> Typed:
    return Typed(exp.Null(), UNKNOWN, position=position_of(node))


def boolean(binder: Binder, node: Node, scope: Scope) -> Typed:
    return Typed(node, BOOL)


def parameter(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = node.this
    if not isinstance(inner, exp.Literal) or inner.is_string:
        raise SqlSyntaxError('syntax error at or near "$"', position=position_of(node))
    start = position_of(node)
    return binder.parameters.reference(int(inner.this), start - 1 if start else None)


def type_cast(binder: Binder, node: Node, scope: Scope) -> Typed:
    target, typmod = resolve_type(node.args["to"])
    value = binder.expression(node.this, scope)
    if target.name.startswith("reg"):
        folded = regclass_constant(binder, value, target)
        if folded is None:
            folded = to_alias(resolve(binder, value, TEXT), target)
        if folded is not None:
            return folded
    if value.literal is not None and target.name == "bpchar" and typmod == 5 and _is_internal_char(node):
        target, typmod = pg("char"), -1
    converted = convert(binder, value, target, typmod)
    return replace(converted, position=value.position)


def try_cast(binder: Binder, node: Node, scope: Scope) -> Typed:
    raise SqlSyntaxError('syntax error at or near "as"')


def _is_internal_char(node: Node) -> bool:
    to = node.args["to"]
    return isinstance(to, exp.DataType) and to.args.get("kind") is not None


def dot(binder: Binder, node: Node, scope: Scope) -> Typed:
    """(row).field, and pg_catalog.function(...)."""
    if isinstance(node.expression, exp.Func) and isinstance(node.expression, Node):
        if isinstance(node.this, exp.Literal):
            raise SqlSyntaxError('syntax error at or near "."')
        return binder.expression(node.expression, scope)
    if isinstance(node.expression, exp.Star):
        raise FeatureNotSupported("expanding a row by .* is not supported", position=position_of(node))
    value = binder.expression(node.this, scope)
    name = fold(node.expression)
    if value.fields is not None:
        found = next((field for label, field in value.fields if label == name), None)
        if found is None:
            raise _no_such_field(node.this, name, position_of(node.expression))
        return replace(found, node=found.node.copy())
    return Typed(exp.Dot(this=paren(value.node), expression=quoted(name)), None)


def _no_such_field(row: Node, name: str, position: int | None) -> UndefinedColumn:
    while isinstance(row, exp.Paren):
        row = row.this
    if isinstance(row, exp.Column):
        return UndefinedColumn(f"column {row.name}.{name} does not exist", position=position)
    return UndefinedColumn(f'could not identify column "{name}" in record data type', position=position)
