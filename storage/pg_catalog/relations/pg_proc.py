"""pg_proc: the functions that SQL may call and those behind types and access methods; with pg_language."""

from __future__ import annotations

from collections.abc import Iterator

from ..oids import C_LANGUAGE, INTERNAL_LANGUAGE, OWNER, PG_CATALOG, PUBLIC
from ..relation import Row
from .function_signatures import BUILT_IN
from .pg_type import TYPE_OIDS
from .support_functions import SUPPORT, VECTOR

_LANGUAGES = ((INTERNAL_LANGUAGE, "internal", 2246), (C_LANGUAGE, "c", 2247), (14, "sql", 2248))
_ROWS_OF_A_SET = 1000.0  # what PostgreSQL guesses where nobody said


def functions(database: str) -> Iterator[Row]:
    for text in (BUILT_IN, SUPPORT):
        yield from _rows(text, PG_CATALOG, INTERNAL_LANGUAGE)
    for row in _rows(VECTOR, PUBLIC, C_LANGUAGE):
        yield row | {"probin": "$libdir/vector"}


def languages(database: str) -> Iterator[Row]:
    for oid, name, validator in _LANGUAGES:
        yield {
            "oid": oid,
            "lanname": name,
            "lanowner": OWNER,
            "lanpltrusted": name == "sql",
            "lanvalidator": validator,
        }


def _rows(text: str, schema: int, language: int) -> Iterator[dict[str, object]]:
    name = flags = ""
    for line in text.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            name, flags, *words = words
        for word in words:
            yield _row(name, flags, word) | {"pronamespace": schema, "prolang": language}


def _row(name: str, flags: str, signature: str) -> dict[str, object]:
    oid, _, rest = signature.partition(":")
    result, _, arguments = rest.rstrip(")").partition("(")
    types = [TYPE_OIDS[argument] for argument in arguments.split(",") if argument]
    returns_set = "r" in flags[2:]
    return {
        "oid": int(oid),
        "proname": name,
        "proowner": OWNER,
        "procost": 1.0,
        "prorows": _ROWS_OF_A_SET if returns_set else 0.0,
        "prokind": flags[0],
        "proisstrict": "s" in flags[2:],
        "proretset": returns_set,
        "provolatile": flags[1],
        "proparallel": "s",
        "pronargs": len(types),
        "prorettype": TYPE_OIDS[result],
        "proargtypes": types,
        "prosrc": "aggregate_dummy" if flags[0] == "a" else name,
    }
