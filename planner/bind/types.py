"""Type names in casts: sqlglot's DataType to our PgType and modifier."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import UndefinedObject
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import type_by_name
from sqlvec.core.types.typmod import make_typmod

from .typed import array_type, position_of

# sqlglot's own type words whose PostgreSQL name differs.
_WORDS = {
    "INT": "int4",
    "BIGINT": "int8",
    "SMALLINT": "int2",
    "TINYINT": "int2",
    "FLOAT": "float4",
    "DOUBLE": "float8",
    "DECIMAL": "numeric",
    "VARCHAR": "varchar",
    "CHAR": "bpchar",
    "TEXT": "text",
    "BOOLEAN": "bool",
    "TIMESTAMP": "timestamp",
    "TIMESTAMPTZ": "timestamptz",
    "TIMESTAMPNTZ": "timestamp",
    "TIME": "time",
    "TIMETZ": "timetz",
    "DATE": "date",
    "INTERVAL": "interval",
    "UUID": "uuid",
    "JSON": "json",
    "JSONB": "jsonb",
    "VARBINARY": "bytea",
    "BINARY": "bytea",
    "VECTOR": "vector",
    "NAME": "name",
    "SERIAL": "int4",
    "BIGSERIAL": "int8",
    "BIT": "bit",
}


def resolve_type(node: exp.DataType | exp.Expression) -> tuple[PgType, int]:
    """The type and its modifier; raises 42704 `type "x" does not exist`."""
    if isinstance(node, exp.DataType) and node.this == exp.DType.ARRAY:
        inner, typmod = resolve_type(node.expressions[0])
        return (inner if inner.is_array else array_type(inner)), typmod
    name = type_name_of(node)
    found = type_by_name(name)
    if found is None:
        raise UndefinedObject(f'type "{name}" does not exist', position=position_of(node))
    modifiers = _modifiers(node)
    if isinstance(node, exp.DataType) and node.this == exp.DType.CHAR and not modifiers:
        modifiers = (1,)
    if isinstance(node, exp.Interval) or name == "interval":
        modifiers = ()
    return found, (make_typmod(found, modifiers) if modifiers else -1)


def type_name_of(node: exp.DataType | exp.Expression) -> str:
    """The type's internal name, as pg_type has it."""
    if isinstance(node, exp.Interval):
        return "interval"
    if not isinstance(node, exp.DataType):
        return node.name.lower()
    if node.this == exp.DType.ARRAY:
        return type_name_of(node.expressions[0])
    if isinstance(node.this, exp.Interval):
        return "interval"
    word = node.this.value if hasattr(node.this, "value") else str(node.this)
    if word in ("USERDEFINED", "USER-DEFINED"):
        kind = node.args.get("kind")
        text = kind.name if isinstance(kind, exp.Expression) else str(kind or "")
        return text.rsplit(".", 1)[-1].strip('"').lower()
    return _WORDS.get(word, word.lower())


def _modifiers(node: exp.Expression) -> tuple[int, ...]:
    values: list[int] = []
    for item in node.expressions if isinstance(node, exp.DataType) else ():
        inner = item.this if isinstance(item, exp.DataTypeParam) else item
        if isinstance(inner, exp.Literal) and not inner.is_string:
            values.append(int(inner.this))
        elif isinstance(inner, exp.Neg):
            values.append(-int(inner.this.this))
    return tuple(values)
