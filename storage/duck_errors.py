"""DuckDB's exceptions as SqlErrors: one table from exception class and wording to SQLSTATE and message.

DuckDB has no error codes below its classes, so the wording decides; the tests pin each wording.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlvec.core import errors
from sqlvec.core.errors import SqlError, error_class
from sqlvec.core.stack_depth import too_deep
from sqlvec.core.types.type_errors import InvalidArgumentForNtile, InvalidEscapeSequence, InvalidFrameOffset

# Errors raised on purpose inside DuckDB (error('22012:division by zero') and our own functions).
_OURS = re.compile(r"\[sqlvec (?P<state>[0-9A-Z]{5})\] (?P<message>[^\n]*)")

_PG_NAMES: Final = {
    "INT8": "smallint",
    "INT16": "smallint",
    "INT32": "integer",
    "INT64": "bigint",
    "INT128": "numeric",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric",
    "UINT64": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "BOOL": "boolean",
    "BOOLEAN": "boolean",
    "UUID": "uuid",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "INTERVAL": "interval",
    "JSON": "json",
    "BLOB": "bytea",
    "VARCHAR": "text",
    "STRING_LITERAL": "unknown",
    "INTEGER_LITERAL": "integer",
    "NULL": "unknown",
}

Build = Callable[[re.Match[str]], SqlError]


def tagged(sqlstate: str, message: str) -> str:
    """The text to raise inside DuckDB so that it comes out as this SqlError."""
    return f"[sqlvec {sqlstate}] {message}"


def _pg_name(duck: str) -> str:
    name = duck.strip().rstrip("!.")
    element, bracket, _ = name.partition("[")
    if bracket:
        return "vector" if element == "FLOAT" else f"{_pg_name(element)}[]"
    if name.startswith("DECIMAL"):
        return "numeric"
    return _PG_NAMES.get(name, name.lower())


def _fixed(kind: type[SqlError], message: str) -> Build:
    return lambda _match: kind(message)


def _bad_syntax(match: re.Match[str]) -> SqlError:
    return errors.InvalidTextRepresentation(
        f'invalid input syntax for type {_pg_name(match["type"])}: "{match["value"]}"'
    )


def _out_of_range(match: re.Match[str]) -> SqlError:
    name = _pg_name(match["type"])
    if name == "numeric":
        return errors.NumericValueOutOfRange("numeric field overflow")
    return errors.NumericValueOutOfRange(f"{name} out of range")


def _field_overflow(match: re.Match[str]) -> SqlError:
    precision = int(match["precision"] or match["precision2"])
    scale = int(match["scale"] or match["scale2"])
    detail = (
        f"A field with precision {precision}, scale {scale} must round to an absolute value less than "
        f"{f'10^{precision - scale}' if precision > scale else '1'}."
    )
    # 38 digits are ours, where the client asked for no precision.
    return errors.NumericValueOutOfRange("numeric field overflow", detail=detail if precision < 38 else None)


def _bad_time(kind: str) -> Build:
    def build(match: re.Match[str]) -> SqlError:
        return errors.InvalidDatetimeFormat(f'invalid input syntax for type {kind}: "{match["value"]}"')

    return build


def _undefined_function(match: re.Match[str]) -> SqlError:
    hint = "No function matches the given name and argument types. You might need to add explicit type casts."
    name, _, arguments = match["name"].partition("(")
    shown = re.sub(r"\([\d,\s]*\)", "", arguments.removesuffix(")"))  # DECIMAL(18,3)
    types = ", ".join(_pg_name(part) for part in shown.split(",") if part.strip())
    return errors.UndefinedFunction(f"function {name}({types}) does not exist", hint=hint)


def _no_operator(match: re.Match[str]) -> SqlError:
    operands = [_pg_name(part) for part in match["arguments"].split(",")]
    text = f" {match['operator']} ".join(operands) if len(operands) == 2 else match["operator"] + operands[0]
    hint = "No operator matches the given name and argument types. You might need to add explicit type casts."
    return errors.UndefinedFunction(f"operator does not exist: {text}", hint=hint)


def _group_by(match: re.Match[str]) -> SqlError:
    return errors.GroupingError(
        f'column "{match["name"]}" must appear in the GROUP BY clause or be used in an aggregate function'
    )


# Order: the first pattern that is found decides; the specific stand before the general.
_WORDINGS: Final[tuple[tuple[re.Pattern[str], Build], ...]] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (r"Max expression depth limit", lambda _match: too_deep()),
        (r"[Ff]ailed to cast decimal value .* to type (?P<type>\w+)", _out_of_range),
        (
            r"(?:LIKE|[Ll]ike) pattern must not end with escape",
            _fixed(InvalidEscapeSequence, "LIKE pattern must not end with escape character"),
        ),
        (r"[Ii]nvalid escape string", _fixed(InvalidEscapeSequence, "invalid escape string")),
        (
            r"ntile must be greater than zero",
            _fixed(InvalidArgumentForNtile, "argument of ntile must be greater than zero"),
        ),
        (
            r"window ROWS (?:PRECEDING|FOLLOWING) expression cannot be negative|Window .* cannot be negative",
            _fixed(InvalidFrameOffset, "frame starting offset must not be negative"),
        ),
        (
            r"[Ff]rame starting from current row cannot have preceding",
            _fixed(errors.WindowingError, "frame starting from current row cannot have preceding rows"),
        ),
        (
            r"[Ww]indow functions are not allowed in window definitions",
            _fixed(errors.WindowingError, "window functions are not allowed in window definitions"),
        ),
        (
            r"HAVING clause cannot contain window functions",
            _fixed(errors.WindowingError, "window functions are not allowed in HAVING"),
        ),
        (
            r"aggregate function calls cannot contain window function calls",
            _fixed(errors.GroupingError, "aggregate function calls cannot contain window function calls"),
        ),
        (
            r"window \"(?P<name>[^\"]+)\" does not exist",
            lambda m: errors.UndefinedObject(f'window "{m["name"]}" does not exist'),
        ),
        (
            r"GROUPING (?:statement|child) .*",
            _fixed(
                errors.GroupingError,
                "arguments to GROUPING must be grouping expressions of the associated query level",
            ),
        ),
        (
            r"[Uu]nknown TimeZone '(?P<value>[^']*)'",
            lambda m: errors.InvalidParameterValue(f'time zone "{m["value"]}" not recognized'),
        ),
        (
            r"Unimplemented type for cast \((?P<left>.+) -> (?P<right>.+)\)",
            lambda m: errors.CannotCoerce(
                f"cannot cast type {_pg_name(m['left'])} to {_pg_name(m['right'])}"
            ),
        ),
        (r"Could not convert string '(?P<value>.*)' to (?P<type>DECIMAL|[A-Z0-9]+)", _bad_syntax),
        (
            r"(?:to|to type) DECIMAL\((?P<precision>\d+),(?P<scale>\d+)\)(?=.*(?:out of range|failed))|"
            r"Could not cast value .* to DECIMAL\((?P<precision2>\d+),(?P<scale2>\d+)\)",
            _field_overflow,
        ),
        (r"Could not cast value .* to (?P<type>DECIMAL)", _out_of_range),
        (r"Failed to cast value.*out of range for the destination type (?P<type>\w+)", _out_of_range),
        (r"out of range for the destination type (?P<type>\w+)", _out_of_range),
        (r"Casting value .* to type (?P<type>DECIMAL).* failed", _out_of_range),
        (r"Overflow in .* of (?P<type>[A-Z]+\d*)", _out_of_range),
        (
            r"Cannot (?:negate|take the absolute value of) .*",
            _fixed(errors.NumericValueOutOfRange, "value out of range"),
        ),
        (r"[Oo]verflow", _fixed(errors.NumericValueOutOfRange, "value out of range")),
        (
            r"[Mm]alformed JSON.*",
            _fixed(errors.InvalidTextRepresentation, "invalid input syntax for type json"),
        ),
        (r"invalid timestamp field format: \"(?P<value>[^\"]*)\"", _bad_time("timestamp")),
        (r"invalid date field format: \"(?P<value>[^\"]*)\"", _bad_time("date")),
        (r"time field value out of range: \"(?P<value>[^\"]*)\"", _bad_time("time")),
        (
            r"(?:date|timestamp) field value out of range",
            _fixed(errors.DatetimeFieldOverflow, "date/time field value out of range"),
        ),
        (
            r"Type VARCHAR with value '(?P<value>.*)' can't be cast to the destination type (?P<type>\w+)",
            _bad_syntax,
        ),
        (r"Could not convert .*'(?P<value>.*)'.* to (?P<type>\w+)", _bad_syntax),
        (
            r"More than one row returned by a subquery",
            _fixed(
                errors.CardinalityViolation, "more than one row returned by a subquery used as an expression"
            ),
        ),
        (
            r"Subquery returns \d+ columns",
            _fixed(errors.SqlSyntaxError, "subquery must return only one column"),
        ),
        (r"column \"(?P<name>[^\"]+)\" must appear in the GROUP BY clause", _group_by),
        (
            r"WHERE clause cannot contain aggregates",
            _fixed(errors.GroupingError, "aggregate functions are not allowed in WHERE"),
        ),
        (
            r"GROUP BY clause cannot contain aggregates",
            _fixed(errors.GroupingError, "aggregate functions are not allowed in GROUP BY"),
        ),
        (
            r"aggregate function calls cannot be nested",
            _fixed(errors.GroupingError, "aggregate function calls cannot be nested"),
        ),
        (
            r"WHERE clause cannot contain window functions",
            _fixed(errors.WindowingError, "window functions are not allowed in WHERE"),
        ),
        (
            r"Referenced column \"(?P<name>[^\"]+)\" not found",
            lambda m: errors.UndefinedColumn(f'column "{m["name"]}" does not exist'),
        ),
        (
            r"Ambiguous reference to column name \"(?P<name>[^\"]+)\"",
            lambda m: errors.AmbiguousColumn(f'column reference "{m["name"]}" is ambiguous'),
        ),
        (r"the function call \"(?P<operator>[^\w\"(]+)\((?P<arguments>.*)\)\"", _no_operator),
        (r"argument types '(?P<operator>[^\w'(]+)\((?P<arguments>.*)\)'", _no_operator),
        (r"argument types '(?P<name>[^']+)'", _undefined_function),
        (r"the function call \"(?P<name>[^\"]+)\"", _undefined_function),
        (r"Function with name (?P<name>\S+) does not exist", _undefined_function),
        (
            r"Cannot compare values of type (?P<left>\S+) and (?:type )?(?P<right>\S+)",
            lambda m: errors.UndefinedFunction(
                f"operator does not exist: {_pg_name(m['left'])} = {_pg_name(m['right'])}"
            ),
        ),
        (
            r"(?:Set operations|UNION).*same number of result columns",
            _fixed(errors.SqlSyntaxError, "each UNION query must have the same number of columns"),
        ),
        (
            r"LIMIT.*(?:negative|< 0)",
            _fixed(errors.InvalidRowCountInLimitClause, "LIMIT must not be negative"),
        ),
        (
            r"OFFSET.*(?:negative|< 0)",
            _fixed(errors.InvalidRowCountInOffsetClause, "OFFSET must not be negative"),
        ),
        (
            r"No space left on device",
            _fixed(errors.DiskFull, "could not write to the data directory: no space left on device"),
        ),
        (
            r"File too large|Disk quota exceeded",
            _fixed(errors.DiskFull, "could not write to the data directory: a limit of its size is reached"),
        ),
        (r"Failed to commit: (?P<reason>(?:Could not|Cannot) .*)", lambda m: errors.IoError(m["reason"])),
        (
            r"Current transaction is aborted",
            _fixed(
                errors.InFailedSqlTransaction,
                "current transaction is aborted, commands ignored until end of transaction block",
            ),
        ),
        (
            r"Failed to commit: .*constraint violat",
            _fixed(errors.UniqueViolation, "duplicate key value violates unique constraint"),
        ),
        (
            r"Conflict on|write-write conflict|Transaction conflict|^TransactionContext Error",
            _fixed(errors.SerializationFailure, "could not serialize access due to concurrent update"),
        ),
        (
            r"INTERRUPT Error|Interrupted!",
            _fixed(errors.QueryCanceled, "canceling statement due to user request"),
        ),
        (
            r"invalid (?:regular expression|perl operator)|missing \)|missing argument to repetition",
            lambda m: errors.InvalidRegularExpression("invalid regular expression"),
        ),
        (
            r"Invalid UTF8|invalid UTF-8|not valid UTF-?8",
            _fixed(errors.CharacterNotInRepertoire, 'invalid byte sequence for encoding "UTF8"'),
        ),
        (
            r"(?:cannot take|Cannot take) .*(?:logarithm)",
            lambda m: SqlError("cannot take logarithm of a negative number"),
        ),
    )
)

# Where no wording is known, the class of the exception.
_CLASSES: Final[dict[str, type[SqlError]]] = {
    "ConstraintException": errors.IntegrityConstraintViolation,
    "InterruptException": errors.QueryCanceled,
    "OutOfMemoryException": errors.OutOfMemory,
    "TransactionException": errors.SerializationFailure,
    "IOException": errors.IoError,
    "OutOfRangeException": errors.NumericValueOutOfRange,
    "ConversionException": errors.InvalidTextRepresentation,
    "InvalidInputException": errors.InvalidParameterValue,
    "BinderException": errors.SqlSyntaxError,
    "CatalogException": errors.UndefinedObject,
    "NotImplementedException": errors.FeatureNotSupported,
    "ParserException": errors.FeatureNotSupported,  # PostgreSQL's grammar took it
    "PermissionException": errors.InsufficientPrivilege,
}


def translate(error: BaseException) -> SqlError:
    """The SqlError for a DuckDB (or Arrow stream) exception."""
    text = str(error)
    ours = _OURS.search(text)
    if ours:
        return error_class(ours["state"])(ours["message"].rstrip())
    first = text.split("\n\nLINE ")[0]
    if type(error).__name__ != "ConstraintException":
        for pattern, build in _WORDINGS:
            match = pattern.search(first)
            if match:
                return build(match)
    kind = _CLASSES.get(type(error).__name__, errors.InternalError)
    return kind(_tidy(first))


def _tidy(text: str) -> str:
    """DuckDB's first line without its 'Binder Error: ' label, in PostgreSQL's lower case."""
    line = text.split("\n", 1)[0]
    _label, separator, rest = line.partition(" Error: ")
    line = rest if separator else line
    return (line[:1].lower() + line[1:]).rstrip("!.")
