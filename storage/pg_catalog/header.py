"""Header: a system relation without its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from sqlvec.core.schema import Column
from sqlvec.core.types.registry import type_by_name

from .oids import INFORMATION_SCHEMA, PG_CATALOG

# information_schema's domains: the type beneath, and its modifier. RowDescription names the type, too.
_DOMAINS = {
    "sql_identifier": ("name", -1),
    "character_data": ("varchar", -1),
    "yes_or_no": ("varchar", 3 + 4),
    "cardinal_number": ("int4", -1),
    "time_stamp": ("timestamptz", -1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Header:
    """A system relation's name, OID, kind (pg_class.relkind) and columns."""

    oid: int
    schema: str
    name: str
    kind: Literal["r", "v"]
    columns: tuple[Column, ...]

    @property
    def schema_oid(self) -> int:
        return PG_CATALOG if self.schema == "pg_catalog" else INFORMATION_SCHEMA


def parse_headers(schema: str, text: str) -> Iterator[Header]:
    """The headers of a generated text; its form is explained in headers/headers.sql."""
    name, oid, kind = "", "", ""
    words: list[str] = []
    for line in [*text.strip().splitlines(), "end"]:
        if line.startswith(" "):
            words += line.split()
            continue
        if words:
            yield Header(int(oid), schema, name, cast("Literal['r', 'v']", kind), _columns(words))
            words = []
        name, oid, kind = (*line.split(), "", "")[:3]


def _columns(words: list[str]) -> tuple[Column, ...]:
    return tuple(_column(word, number) for number, word in enumerate(words, 1))


def _column(word: str, number: int) -> Column:
    name, _, type_name = word.partition(":")
    not_null = type_name.endswith("!")
    type_name, typmod = _DOMAINS.get(type_name.rstrip("!"), (type_name.rstrip("!"), -1))
    kind = type_by_name('"char"' if type_name == "char" else type_name)
    assert kind is not None, f"{name} has the unknown type {type_name}"
    return Column(name, kind, typmod, number, not_null)
