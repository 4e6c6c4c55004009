"""pg_collation: the collations that there are, all of them by bytes."""

from __future__ import annotations

from collections.abc import Iterator

from ..oids import C_COLLATION, DEFAULT_COLLATION, OWNER, PG_CATALOG
from ..relation import Row

_ANY_ENCODING = -1
_UTF8 = 6
_COLLATIONS = (
    (DEFAULT_COLLATION, "default", "d", _ANY_ENCODING, None),
    (C_COLLATION, "C", "c", _ANY_ENCODING, "C"),
    (951, "POSIX", "c", _ANY_ENCODING, "POSIX"),
    (12340, "ucs_basic", "c", _UTF8, "C"),
)


def fixed(database: str) -> Iterator[Row]:
    for oid, name, provider, encoding, locale in _COLLATIONS:
        yield {
            "oid": oid,
            "collname": name,
            "collnamespace": PG_CATALOG,
            "collowner": OWNER,
            "collprovider": provider,
            "collisdeterministic": True,
            "collencoding": encoding,
            "collcollate": locale,
            "collctype": locale,
        }
