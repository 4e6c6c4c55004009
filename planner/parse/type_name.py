"""Type names: a type as written in a definition, by its name in pg_type."""

from __future__ import annotations

from sqlvec.core.errors import FeatureNotSupported, InvalidParameterValue, InvalidTextRepresentation

from ..statements import TypeName
from .cursor import Cursor
from .keywords import COLUMN_NAMES, RESERVED
from .lexeme import Kind
from .token_types import INTERVAL_FIELDS

# The spellings that are grammar, not names: "int" in quotes is none of them.
_SPELLINGS = {
    "bigint": "int8",
    "bit": "bit",
    "boolean": "bool",
    "char": "bpchar",
    "character": "bpchar",
    "dec": "numeric",
    "decimal": "numeric",
    "int": "int4",
    "integer": "int4",
    "interval": "interval",
    "nchar": "bpchar",
    "numeric": "numeric",
    "real": "float4",
    "smallint": "int2",
    "time": "time",
    "timestamp": "timestamp",
    "varchar": "varchar",
}
_WITHOUT_MODIFIERS = frozenset(("bigint", "boolean", "int", "integer", "real", "smallint"))
_NOT_A_TYPE = RESERVED | COLUMN_NAMES
_OUR_SCHEMAS = ("pg_catalog", "public")  # where all types live


def parse_type(cursor: Cursor) -> TypeName:
    """`timestamp(3) with time zone[]` as TypeName("timestamptz", (3,), is_array=True)."""
    position = cursor.position
    if cursor.at("setof"):
        raise cursor.unsupported("SETOF")
    name, modifiers = _scalar(cursor)
    return TypeName(name, modifiers, _array_bounds(cursor), position)


def _scalar(cursor: Cursor) -> tuple[str, tuple[int, ...]]:
    word = cursor.word()
    if cursor.accept("double", "precision"):
        return "float8", ()
    if cursor.accept("float"):
        return _float(cursor), ()
    if word == "national" and cursor.word(1) in ("char", "character"):
        cursor.index += 1
        word = cursor.word()
    if word not in _SPELLINGS:
        return _generic(cursor)
    cursor.index += 1
    name = _SPELLINGS[word]
    if word in _WITHOUT_MODIFIERS:
        return name, ()
    if name in ("bpchar", "bit"):
        if cursor.accept("varying"):
            return ("varchar" if name == "bpchar" else "varbit"), _modifiers(cursor)
        return name, _modifiers(cursor) or (1,)
    if name == "interval" and cursor.word() in INTERVAL_FIELDS:
        raise cursor.unsupported("a field of INTERVAL")
    modifiers = _modifiers(cursor)
    if name in ("time", "timestamp"):
        if cursor.accept("with", "time", "zone"):
            return name + "tz", modifiers
        cursor.accept("without", "time", "zone")
    return name, modifiers


def _float(cursor: Cursor) -> str:
    position = cursor.position + 1
    modifiers = _modifiers(cursor)
    if not modifiers:
        return "float8"
    if modifiers[0] < 1:
        raise InvalidParameterValue("precision for type float must be at least 1 bit", position=position)
    if modifiers[0] > 53:
        raise InvalidParameterValue("precision for type float must be less than 54 bits", position=position)
    return "float4" if modifiers[0] <= 24 else "float8"


def _generic(cursor: Cursor) -> tuple[str, tuple[int, ...]]:
    """A name; that of another schema than ours is kept, for the complaint that there is no such type."""
    start = cursor.position
    parts = [cursor.name(refused=_NOT_A_TYPE)]
    while cursor.accept_sign("."):
        parts.append(cursor.any_name())
    if len(parts) > 3:
        raise FeatureNotSupported("a type of another database is not supported", position=start)
    name = parts[-1] if len(parts) == 1 or parts[-2] in _OUR_SCHEMAS else f"{parts[-2]}.{parts[-1]}"
    return name, _modifiers(cursor)


def _modifiers(cursor: Cursor) -> tuple[int, ...]:
    return cursor.in_parentheses(lambda: _modifier(cursor)) if cursor.at_sign("(") else ()


def _modifier(cursor: Cursor) -> int:
    if cursor.at_kind(Kind.WORD) or cursor.at_kind(Kind.STRING):
        raise InvalidTextRepresentation(
            f'invalid input syntax for type integer: "{cursor.lexemes[cursor.index].value}"'
        )
    return cursor.integer()


def _array_bounds(cursor: Cursor) -> bool:
    """int[], int[3][], int ARRAY, int ARRAY[3]: sizes and dimensions are noise to PostgreSQL too."""
    if cursor.accept("array"):
        if cursor.accept_sign("["):
            cursor.integer()
            cursor.expect_sign("]")
        return True
    is_array = False
    while cursor.accept_sign("["):
        if cursor.at_kind(Kind.NUMBER):
            cursor.integer()
        cursor.expect_sign("]")
        is_array = True
    return is_array
