"""Parameters: the types of $1, $2 ..., declared by the client or decided by their context."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import DatatypeMismatch, UndefinedParameter
from sqlvec.core.types.pg_type import PgType

from .typed import TEXT, UNKNOWN, Typed


class Parameters:
    """Grows while a statement is bound. `declared` holds the types that the client gave, None elsewhere."""

    def __init__(self, count: int, declared: tuple[PgType | None, ...] = ()) -> None:
        types: list[PgType | None] = list(declared)
        types += [None] * (count - len(types))
        self._types = [None if type is not None and type.oid == UNKNOWN.oid else type for type in types]
        self.used: set[int] = set()

    def reference(self, number: int, position: int | None) -> Typed:
        """The expression $number; its type is open until the context decides it."""
        if not 1 <= number <= len(self._types):
            raise UndefinedParameter(f"there is no parameter ${number}", position=position)
        self.used.add(number)
        node = exp.Parameter(this=exp.Literal.number(number))
        type = self._types[number - 1]
        if type is None:
            return Typed(node, UNKNOWN, parameter=number, position=position)
        typed = exp.Cast(this=node, to=exp.DataType.build(type.duckdb_name(-1), dialect="duckdb", udt=True))
        typed.meta["parameter"] = number
        return Typed(typed, type, position=position)

    def decide(self, number: int, type: PgType) -> None:
        known = self._types[number - 1]
        if known is not None and known.oid != type.oid:
            raise DatatypeMismatch(
                f"inconsistent types deduced for parameter ${number}",
                detail=f"{known.sql_name} versus {type.sql_name}",
            )
        self._types[number - 1] = type

    def types(self) -> tuple[PgType, ...]:
        """All types; what nothing decided is text."""
        return tuple(type if type is not None else TEXT for type in self._types)
