"""Grants: pg_default_acl, and information_schema's table_privileges, role_table_grants, column_privileges."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.acl import PUBLIC, WORDS, AclItem, effective
from sqlvec.core.role import DefaultAcl
from sqlvec.core.schema import Table, View

from ..acl_text import printed
from ..context import CatalogContext
from ..relation import Row
from ..table_index import attributes

_HIDDEN = "m"  # MAINTAIN, which the standard's views do not know


def defaults(context: CatalogContext) -> Iterator[Row]:
    for item in context.state.roster.each(DefaultAcl):
        yield {
            "oid": item.oid,
            "defaclrole": item.role,
            "defaclnamespace": item.schema,
            "defaclobjtype": item.kind,
            "defaclacl": printed(item.acl, context),
        }


def table_privileges(context: CatalogContext) -> Iterator[Row]:
    """Of which the role, or PUBLIC, is grantor or grantee."""
    for item, grant in _table_grants(context):
        if _concerns(context, grant, with_public=True):
            yield from _rows(context, item, grant)


def role_table_grants(context: CatalogContext) -> Iterator[Row]:
    for item, grant in _table_grants(context):
        if _concerns(context, grant, with_public=False):
            yield from _rows(context, item, grant)


def _table_grants(context: CatalogContext) -> Iterator[tuple[Table | View, AclItem]]:
    for item in context.state.objects.values():
        if isinstance(item, Table | View):
            for grant in effective(item.acl, "r", item.owner_role):
                yield item, grant


def _concerns(context: CatalogContext, grant: AclItem, *, with_public: bool) -> bool:
    if grant.grantee == PUBLIC:
        return with_public or _is_mine(context, grant.grantor)
    return _is_mine(context, grant.grantee) or _is_mine(context, grant.grantor)


def _is_mine(context: CatalogContext, role: int) -> bool:
    return context.state.roster.has_privileges_of(context.role, role)


def _rows(context: CatalogContext, item: Table | View, grant: AclItem) -> Iterator[Row]:
    for letter in grant.letters:
        if letter in _HIDDEN:
            continue
        row = _row(context, item, grant, letter)
        yield row | {"with_hierarchy": "YES" if letter == "r" else "NO"}


def _row(context: CatalogContext, item: Table | View, grant: AclItem, letter: str) -> dict[str, object]:
    name_of = context.state.roster.name_of
    can_grant = letter in grant.grantable or grant.grantee == item.owner_role
    return {
        "grantor": name_of(grant.grantor),
        "grantee": "PUBLIC" if grant.grantee == PUBLIC else name_of(grant.grantee),
        "table_catalog": context.database,
        "table_schema": item.schema,
        "table_name": item.name,
        "privilege_type": WORDS[letter],
        "is_grantable": "YES" if can_grant else "NO",
    }


def column_privileges(context: CatalogContext) -> Iterator[Row]:
    for item in context.state.objects.values():
        if not isinstance(item, Table | View):
            continue
        whole = effective(item.acl, "r", item.owner_role)
        for _, column in attributes(item):
            for grant in (*whole, *(column.acl or ())):
                if not _concerns(context, grant, with_public=True):
                    continue
                for letter in grant.letters:
                    if letter in "arwx":
                        yield _row(context, item, grant, letter) | {"column_name": column.name}
