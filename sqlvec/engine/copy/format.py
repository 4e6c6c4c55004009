"""COPY format: the options of one COPY, checked and with PostgreSQL's defaults filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlvec.core.errors import (
    FeatureNotSupported,
    InvalidColumnReference,
    InvalidParameterValue,
    SqlSyntaxError,
    UndefinedColumn,
)
from sqlvec.planner.statements import CopyOptions

# Letters that mean something behind a backslash, and digits; "." ends the data.
_FORBIDDEN_DELIMITERS = "\\.abcdefghijklmnopqrstuvwxyz0123456789"
_CSV_ONLY = "COPY {} requires CSV mode"


@dataclass(frozen=True, slots=True)
class CopyFormat:
    """How the rows of one COPY are written; `force_*` hold column numbers."""

    format: Literal["text", "csv", "binary"]
    delimiter: bytes
    null: bytes
    header: Literal["match"] | bool
    quote: bytes
    escape: bytes
    force_quote: frozenset[int]
    force_not_null: frozenset[int]
    force_null: frozenset[int]


def resolve(
    options: CopyOptions, names: Sequence[str], table: str, direction: Literal["from", "to"]
) -> CopyFormat:
    """Check options as PostgreSQL does, and fill in the defaults of the format."""
    if options.format == "binary":
        _check_binary(options)
    is_csv = options.format == "csv"
    delimiter = ("," if is_csv else "\t") if options.delimiter is None else options.delimiter
    null = ("" if is_csv else "\\N") if options.null is None else options.null
    quote = '"' if options.quote is None else options.quote
    escape = quote if options.escape is None else options.escape
    _check_delimiter(delimiter, null, is_csv=is_csv)
    _check_quotes(options, delimiter, null, quote, escape)
    _check_forces(options, direction)
    if options.header == "match" and direction == "to":
        raise FeatureNotSupported('cannot use "match" with HEADER in COPY TO')
    everything = frozenset(range(len(names)))
    return CopyFormat(
        format=options.format,
        delimiter=delimiter.encode(),
        null=null.encode(),
        header=options.header,
        quote=quote.encode(),
        escape=escape.encode(),
        force_quote=everything
        if options.force_quote == "*"
        else _places(options.force_quote, names, table, "FORCE_QUOTE"),
        force_not_null=_places(options.force_not_null, names, table, "FORCE_NOT_NULL"),
        force_null=_places(options.force_null, names, table, "FORCE_NULL"),
    )


def _check_binary(options: CopyOptions) -> None:
    if options.delimiter is not None:
        raise SqlSyntaxError("cannot specify DELIMITER in BINARY mode")
    if options.null is not None:
        raise SqlSyntaxError("cannot specify NULL in BINARY mode")
    if options.header:
        raise FeatureNotSupported("cannot specify HEADER in BINARY mode")


def _check_delimiter(delimiter: str, null: str, *, is_csv: bool) -> None:
    if len(delimiter.encode()) != 1:
        raise FeatureNotSupported("COPY delimiter must be a single one-byte character")
    if delimiter in "\r\n":
        raise InvalidParameterValue("COPY delimiter cannot be newline or carriage return")
    if "\r" in null or "\n" in null:
        raise InvalidParameterValue("COPY null representation cannot use newline or carriage return")
    if not is_csv and delimiter in _FORBIDDEN_DELIMITERS:
        raise InvalidParameterValue(f'COPY delimiter cannot be "{delimiter}"')


def _check_quotes(options: CopyOptions, delimiter: str, null: str, quote: str, escape: str) -> None:
    is_csv = options.format == "csv"
    if not is_csv and options.quote is not None:
        raise FeatureNotSupported(_CSV_ONLY.format("QUOTE"))
    if is_csv and len(quote.encode()) != 1:
        raise FeatureNotSupported("COPY quote must be a single one-byte character")
    if is_csv and delimiter == quote:
        raise InvalidParameterValue("COPY delimiter and quote must be different")
    if not is_csv and options.escape is not None:
        raise FeatureNotSupported(_CSV_ONLY.format("ESCAPE"))
    if is_csv and len(escape.encode()) != 1:
        raise FeatureNotSupported("COPY escape must be a single one-byte character")
    if delimiter in null:
        raise InvalidParameterValue("COPY delimiter character must not appear in the NULL specification")
    if is_csv and quote in null:
        raise InvalidParameterValue("CSV quote character must not appear in the NULL specification")


def _check_forces(options: CopyOptions, direction: Literal["from", "to"]) -> None:
    forces = (
        ("FORCE_QUOTE", options.force_quote, "to", FeatureNotSupported),
        ("FORCE_NOT_NULL", options.force_not_null, "from", InvalidParameterValue),
        ("FORCE_NULL", options.force_null, "from", InvalidParameterValue),
    )
    for name, columns, allowed, error in forces:
        if columns and options.format != "csv":
            raise FeatureNotSupported(_CSV_ONLY.format(name))
        if columns and direction != allowed:
            raise error(f"COPY {name} cannot be used with COPY {direction.upper()}")


def _places(columns: tuple[str, ...] | str, names: Sequence[str], table: str, option: str) -> frozenset[int]:
    for column in columns:
        if column not in names:
            if table:
                raise UndefinedColumn(f'column "{column}" of relation "{table}" does not exist')
            raise InvalidColumnReference(f'{option} column "{column}" not referenced by COPY')
    return frozenset(names.index(column) for column in columns)
