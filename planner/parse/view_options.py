"""View options: ( security_barrier, security_invoker = true )."""

from __future__ import annotations

from sqlvec.core.errors import InvalidParameterValue

from .cursor import Cursor
from .option_list import parse_option_value

_KNOWN = ("security_barrier", "security_invoker")
_BOOLEANS = {"true": "true", "on": "true", "1": "true", "false": "false", "off": "false", "0": "false"}


def parse_view_options(cursor: Cursor, *, is_reset: bool = False) -> tuple[tuple[str, str | None], ...]:
    """Names with "true" or "false"; None where RESET names them. No value is true."""
    return cursor.in_parentheses(lambda: _option(cursor, is_reset=is_reset))


def _option(cursor: Cursor, *, is_reset: bool) -> tuple[str, str | None]:
    if cursor.at("check_option"):
        raise cursor.unsupported("WITH CHECK OPTION")
    name = cursor.any_name()
    if name not in _KNOWN:
        raise InvalidParameterValue(f'unrecognized parameter "{name}"')
    if is_reset:
        return name, None
    text = parse_option_value(cursor) if cursor.accept_sign("=") else "true"
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise InvalidParameterValue(f'invalid value for boolean option "{name}": {text}')
    return name, value
