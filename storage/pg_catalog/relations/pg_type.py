"""pg_type: the registry's types, their arrays, and the pseudo-types of functions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import TYPES

from ..oids import OWNER, PG_CATALOG
from ..relation import Row
from ..type_layout import NAMED_TYPES, PSEUDO_TYPES, collation_of, is_by_value, layout_of, schema_of

# typname to OID, as signatures name types: no aliases, so that "char" is the one-byte type.
TYPE_OIDS = {kind.name: kind.oid for kind in TYPES} | {name: int(oid) for name, oid, *_ in PSEUDO_TYPES}
_PSEUDO = ("unknown", "record", "_record", "cstring", "void")


def fixed(database: str) -> Iterator[Row]:
    yield from map(_row, TYPES)
    yield from (_pseudo_row(words) for words in PSEUDO_TYPES)
    for words in NAMED_TYPES:
        modifiers = {"typmodin": f"{words[0]}typmodin", "typmodout": f"{words[0]}typmodout"}
        yield {**_pseudo_row(words[:-1], "b", "V"), "typarray": int(words[-1]), **modifiers}


def _row(kind: PgType) -> Row:
    layout = layout_of(kind)
    is_array = kind.element is not None and kind.name.startswith("_")
    return {
        "oid": kind.oid,
        "typname": kind.name,
        "typnamespace": schema_of(kind),
        "typowner": OWNER,
        "typlen": kind.length,
        "typbyval": is_by_value(kind.length),
        "typtype": "p" if kind.name in _PSEUDO else "b",
        "typcategory": "P" if kind.name == "_record" else kind.category,
        "typispreferred": kind.preferred,
        "typisdefined": True,
        "typdelim": kind.delimiter,
        "typsubscript": layout.subscript,
        "typelem": TYPE_OIDS["char"] if kind.name == "name" else kind.element.oid if kind.element else 0,
        "typarray": kind.array_oid,
        "typinput": layout.input,
        "typoutput": layout.output,
        "typreceive": layout.receive,
        "typsend": layout.send,
        "typmodin": layout.modifier_input,
        "typmodout": layout.modifier_output,
        "typanalyze": "array_typanalyze" if is_array else "-",
        "typalign": layout.align,
        "typstorage": layout.storage,
        "typtypmod": -1,
        "typcollation": collation_of(kind),
    }


def _pseudo_row(words: tuple[str, ...], kind: str = "p", category: str = "P") -> Row:
    name, oid, length, align, storage, input_, output, receive, send = words
    return {
        "oid": int(oid),
        "typname": name,
        "typnamespace": PG_CATALOG,
        "typowner": OWNER,
        "typlen": int(length),
        "typbyval": is_by_value(int(length)),
        "typtype": kind,
        "typcategory": category,
        "typisdefined": True,
        "typdelim": ",",
        "typinput": input_,
        "typoutput": output,
        "typreceive": receive,
        "typsend": send,
        "typalign": align,
        "typstorage": storage,
        "typtypmod": -1,
    }
