"""pg_rewrite: the rule behind every view."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import View

from ..context import CatalogContext
from ..oids import default_oid
from ..relation import Row


def rows(context: CatalogContext) -> Iterator[Row]:
    for view in context.state.each(View):
        yield {
            "oid": default_oid(view.oid, 0),  # a view has no defaults, so the number is free
            "rulename": "_RETURN",
            "ev_class": view.oid,
            "ev_type": "1",
            "ev_enabled": "O",
            "is_instead": True,
            "ev_qual": "<>",
        }
