"""Acl text: privileges as the catalogs print them, aclitem by aclitem."""

from __future__ import annotations

from sqlvec.core.acl import Acl, acl_text

from .context import CatalogContext


def printed(acl: Acl | None, context: CatalogContext) -> list[str] | None:
    return None if acl is None else acl_text(acl, context.state.roster.name_of)
