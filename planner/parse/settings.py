"""Settings: SET, SHOW, RESET, DISCARD."""

from __future__ import annotations

import re

from sqlvec.core.errors import InvalidParameterValue

from ..statements import Discard, ResetSetting, SetSetting, SetTransaction, ShowSetting, Statement
from .cursor import Cursor
from .keywords import COLUMN_NAMES, NOT_A_COLUMN
from .lexeme import Kind
from .transaction import parse_modes, parse_set_constraints

# Settings whose value is a list of names: each is quoted where it must be (PostgreSQL's GUC_LIST_QUOTE).
_LISTS_OF_NAMES = frozenset(
    ("search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries")
)
_LISTS = _LISTS_OF_NAMES | frozenset(("datestyle", "log_destination", "listen_addresses"))
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")


def parse_set(cursor: Cursor) -> Statement:
    cursor.expect("set")
    if cursor.at("constraints") and not _is_assignment(cursor, 1):
        return parse_set_constraints(cursor)
    is_local = for_session = False
    if cursor.word() in ("local", "session") and not _is_assignment(cursor, 1):
        is_local = cursor.accept_one_of("local", "session") == "local"
        for_session = not is_local
    position = cursor.position
    if cursor.at("transaction") and not _is_assignment(cursor, 1):
        return _set_transaction(cursor)
    if for_session and cursor.accept("characteristics"):
        cursor.expect("as", "transaction")
        return SetTransaction(parse_modes(cursor), for_session=True)
    special = None if _is_assignment(cursor, 1) else _special(cursor)
    if special is not None:
        name, value = special
    else:
        name = _setting_name(cursor)
        if cursor.at("from", "current"):
            raise cursor.unsupported("SET ... FROM CURRENT")
        if not cursor.accept_sign("="):
            cursor.expect("to")
        value = _values(cursor, name)
    return SetSetting(name, value, is_local, position)


def _is_assignment(cursor: Cursor, ahead: int) -> bool:
    return cursor.word(ahead) == "to" or cursor.at_sign("=", ahead) or cursor.at_sign(".", ahead)


def _set_transaction(cursor: Cursor) -> SetTransaction:
    cursor.expect("transaction")
    if cursor.at("snapshot"):
        raise cursor.unsupported("SET TRANSACTION SNAPSHOT")
    return SetTransaction(parse_modes(cursor))


def _special(cursor: Cursor) -> tuple[str, str | None] | None:
    """The settings with a spelling of their own."""
    if cursor.accept("time", "zone"):
        return "timezone", _time_zone(cursor)
    if cursor.accept("names"):
        has_value = cursor.at_kind(Kind.STRING)
        if not has_value:
            cursor.accept("default")
        return "client_encoding", cursor.string() if has_value else None
    if cursor.accept("schema"):
        return "search_path", _quoted_name(cursor.string())
    if cursor.accept("role"):
        return "role", _role(cursor)
    if cursor.accept("authorization") or cursor.accept("session", "authorization"):
        return "session_authorization", None if cursor.accept("default") else _role(cursor)
    if cursor.accept("xml", "option"):
        return "xmloption", cursor.expect_one_of("document", "content")
    if cursor.at("catalog"):
        raise cursor.unsupported("SET CATALOG")
    return None


def _role(cursor: Cursor) -> str:
    return cursor.string() if cursor.at_kind(Kind.STRING) else cursor.non_reserved()


def _time_zone(cursor: Cursor) -> str | None:
    if cursor.accept_one_of("local", "default"):
        return None
    if cursor.accept("interval"):
        value = cursor.string()
        if cursor.accept("hour") and cursor.accept("to"):
            cursor.expect("minute")
        return f"INTERVAL '{value}'"
    if cursor.at_kind(Kind.STRING):
        return cursor.string()
    if cursor.at_kind(Kind.WORD) or cursor.at_kind(Kind.QUOTED):
        return cursor.name()
    return cursor.number()


def _setting_name(cursor: Cursor) -> str:
    name = cursor.name()
    while cursor.accept_sign("."):
        name += "." + cursor.name()
    return name


def _values(cursor: Cursor, name: str) -> str | None:
    if cursor.accept("default"):
        return None
    values = cursor.list_of(lambda: _value(cursor))
    if len(values) > 1 and name not in _LISTS:
        raise InvalidParameterValue(f"SET {name} takes only one argument")
    if name in _LISTS_OF_NAMES:
        values = tuple(_quoted_name(value) for value in values)
    return ", ".join(values)


def _value(cursor: Cursor) -> str:
    """true, on, a word, a string or a number."""
    if cursor.at_kind(Kind.STRING):
        return cursor.string()
    word = cursor.accept_one_of("true", "false", "on")
    if word:
        return word
    if cursor.at_kind(Kind.WORD) or cursor.at_kind(Kind.QUOTED):
        return cursor.non_reserved()
    return cursor.number()


def _quoted_name(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and name not in NOT_A_COLUMN and name not in COLUMN_NAMES:
        return name
    return '"' + name.replace('"', '""') + '"'


def parse_show(cursor: Cursor) -> ShowSetting:
    cursor.expect("show")
    position = cursor.position
    if cursor.accept("all"):
        return ShowSetting("all", position)
    return ShowSetting(_shown_name(cursor), position)


def parse_reset(cursor: Cursor) -> ResetSetting:
    cursor.expect("reset")
    position = cursor.position
    if cursor.accept("all"):
        return ResetSetting(None, position)
    return ResetSetting(_shown_name(cursor), position)


def _shown_name(cursor: Cursor) -> str:
    if cursor.accept("time", "zone"):
        return "timezone"
    if cursor.accept("transaction", "isolation", "level"):
        return "transaction_isolation"
    if cursor.accept("session", "authorization"):
        return "session_authorization"
    return _setting_name(cursor)


def parse_discard(cursor: Cursor) -> Discard:
    cursor.expect("discard")
    match cursor.expect_one_of("all", "plans", "sequences", "temp", "temporary"):
        case "all":
            return Discard("ALL")
        case "plans":
            return Discard("PLANS")
        case "sequences":
            return Discard("SEQUENCES")
        case _:
            return Discard("TEMP")
