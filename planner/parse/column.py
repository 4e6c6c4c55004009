"""Columns: name, type and what follows, of CREATE TABLE and ADD COLUMN."""

from __future__ import annotations

from typing import Literal

from sqlvec.core.errors import SqlSyntaxError

from ..statements import ColumnDefinition, Expression, SequenceOptions, TableConstraint
from .constraint import parse_column_constraint
from .cursor import Cursor
from .keywords import words
from .sequence import parse_sequence_option
from .tree import parse_scalar
from .type_name import parse_type

_SERIALS = ("serial", "serial2", "serial4", "serial8", "bigserial", "smallserial")
_AFTER_DEFAULT = words(
    """
    not null primary unique check references constraint generated collate default deferrable initially
    """
)


def parse_column(cursor: Cursor, table: str) -> tuple[ColumnDefinition, tuple[TableConstraint, ...]]:
    """A column and its constraints, which belong to the table."""
    position = cursor.position
    name = cursor.name()
    type_ = parse_type(cursor)
    parts = _Parts(name, table)
    while cursor.current is not None and not cursor.at_sign(",") and not cursor.at_sign(")"):
        parts.add_next(cursor)
        parts.check(position, is_serial=type_.name in _SERIALS)
    column = ColumnDefinition(
        name,
        type_,
        bool(parts.not_null),
        parts.default,
        parts.generated,
        parts.identity,
        parts.identity_options,
        parts.collation,
        position,
    )
    return column, tuple(parts.constraints)


class _Parts:
    """What has been read behind a column's type."""

    def __init__(self, column: str, table: str) -> None:
        self.column = column
        self.where = f'column "{column}" of table "{table}"'
        self.not_null: bool | None = None
        self.default: Expression | None = None
        self.generated: Expression | None = None
        self.identity: Literal["ALWAYS", "BY DEFAULT"] | None = None
        self.identity_options = SequenceOptions()
        self.collation: str | None = None
        self.constraints: list[TableConstraint] = []

    def add_next(self, cursor: Cursor) -> None:
        position = cursor.position
        name = cursor.name() if cursor.accept("constraint") else None
        if cursor.accept("not", "null"):
            self._set_null(cursor, position, not_null=True)
        elif cursor.accept("null"):
            self._set_null(cursor, position, not_null=False)
        elif cursor.accept("default"):
            self._once(self.default, "default values", position)
            self.default = parse_scalar(cursor.until(lambda: ends_default(cursor)))
        elif cursor.accept("generated"):
            self._generated(cursor, position)
        elif cursor.accept("collate"):
            if self.collation is not None:
                raise SqlSyntaxError("multiple COLLATE clauses not allowed", position=position)
            self.collation = cursor.qualified_name().name
        elif cursor.word() in ("deferrable", "initially") or cursor.at("not", "deferrable"):
            clause = "DEFERRABLE" if cursor.word() == "deferrable" else cursor.word().upper()
            if clause != "DEFERRABLE":
                clause = f"{clause} {cursor.word(1).upper()}"
            raise SqlSyntaxError(f"misplaced {clause} clause", position=position)
        elif cursor.word() in ("storage", "compression", "options"):
            raise cursor.unsupported(f"{cursor.word().upper()} of a column")
        else:
            constraint = parse_column_constraint(cursor, self.column, name, position)
            if constraint is None:
                raise cursor.error()
            self.constraints.append(constraint)

    def _set_null(self, cursor: Cursor, position: int, *, not_null: bool) -> None:
        if self.not_null is not None and self.not_null != not_null:
            raise SqlSyntaxError(
                f"conflicting NULL/NOT NULL declarations for {self.where}", position=position
            )
        self.not_null = not_null

    def _once(self, earlier: object, what: str, position: int) -> None:
        if earlier is not None:
            raise SqlSyntaxError(f"multiple {what} specified for {self.where}", position=position)

    def check(self, position: int, *, is_serial: bool) -> None:
        """A column's value comes from one place."""
        if is_serial and self.default is not None:
            raise SqlSyntaxError(f"multiple default values specified for {self.where}", position=position)
        values = {"default": self.default, "identity": self.identity, "generation expression": self.generated}
        given = [what for what, value in values.items() if value is not None]
        if len(given) > 1:
            raise SqlSyntaxError(
                f"both {given[0]} and {given[1]} specified for {self.where}", position=position
            )

    def _generated(self, cursor: Cursor, position: int) -> None:
        always = cursor.accept("always")
        if not always:
            cursor.expect("by", "default")
        cursor.expect("as")
        if cursor.accept("identity"):
            self._once(self.identity, "identity specifications", position)
            self.identity = "ALWAYS" if always else "BY DEFAULT"
            self.identity_options = parse_identity_options(cursor)
            return
        self._once(self.generated, "generation clauses", position)
        if not always:
            raise SqlSyntaxError(
                "for a generated column, GENERATED ALWAYS must be specified", position=position
            )
        self.generated = parse_scalar(cursor.parenthesised())
        if cursor.at("virtual"):
            raise cursor.unsupported("VIRTUAL generated column")
        cursor.expect("stored")


def parse_identity_options(cursor: Cursor) -> SequenceOptions:
    """[( sequence options )]"""
    options = SequenceOptions()
    if cursor.accept_sign("("):
        if cursor.at("sequence", "name"):
            raise cursor.unsupported("SEQUENCE NAME")
        while not cursor.accept_sign(")"):
            options = parse_sequence_option(cursor, options)
    return options


def ends_default(cursor: Cursor) -> bool:
    """Whether a DEFAULT's expression ends here. `IS NOT DISTINCT FROM` does not end it."""
    if cursor.at_sign(","):
        return True
    word = cursor.word()
    if word not in _AFTER_DEFAULT or cursor.word(-1) == "is" or cursor.word(-2) == "is":
        return False
    return word != "not" or cursor.word(1) in ("null", "deferrable")
