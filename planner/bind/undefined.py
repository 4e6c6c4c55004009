"""The complaint about a function that does not exist."""

from __future__ import annotations

from sqlvec.core.errors import UndefinedFunction

from .typed import Typed


def undefined_function(name: str, arguments: list[Typed], position: int | None) -> UndefinedFunction:
    types = ", ".join(value.type.sql_name if value.type else "unknown" for value in arguments)
    return UndefinedFunction(
        f"function {name}({types}) does not exist",
        hint="No function matches the given name and argument types. You might need to "
        "add explicit type casts.",
        position=position,
    )
