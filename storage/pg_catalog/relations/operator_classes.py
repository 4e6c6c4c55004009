"""pg_opclass with its families, pg_opfamily."""

from __future__ import annotations

from collections.abc import Iterator

from ..access_methods import ACCESS_METHODS
from ..oids import OWNER, PG_CATALOG, PUBLIC
from ..operator_class import OPERATOR_CLASSES
from ..relation import Row
from .pg_type import TYPE_OIDS

_KEY_TYPES = {  # pg_opclass.opckeytype, where an index holds another type than the column
    ("btree", "name_ops"): "cstring",
    ("gin", "array_ops"): "anyelement",
    ("gin", "jsonb_ops"): "text",
    ("gin", "jsonb_path_ops"): "int4",
}


def classes(database: str) -> Iterator[Row]:
    for item in OPERATOR_CLASSES:
        key_type = _KEY_TYPES.get((item.method, item.name))
        yield {
            "oid": item.oid,
            "opcmethod": ACCESS_METHODS[item.method].oid,
            "opcname": item.name,
            "opcnamespace": PUBLIC if item.is_vector else PG_CATALOG,
            "opcowner": OWNER,
            "opcfamily": item.family_oid,
            "opcintype": TYPE_OIDS[item.type_name],
            "opcdefault": item.is_default,
            "opckeytype": 0 if key_type is None else TYPE_OIDS[key_type],
        }


def families(database: str) -> Iterator[Row]:
    for item in {item.family_oid: item for item in OPERATOR_CLASSES}.values():
        yield {
            "oid": item.family_oid,
            "opfmethod": ACCESS_METHODS[item.method].oid,
            "opfname": item.family,
            "opfnamespace": PUBLIC if item.is_vector else PG_CATALOG,
            "opfowner": OWNER,
        }
