"""PlanCache: plans of simple queries, by their text."""

from __future__ import annotations

from sqlvec.planner import statements as st

from .prepared import Prepared
from .session_catalog import SessionCatalog

_MOST_PLANS = 256


class PlanCache:
    """One session's; the oldest plan makes room."""

    def __init__(self) -> None:
        self._plans: dict[str, Prepared] = {}

    def prepared(self, sql: str, parsed: st.ParsedStatement, catalog: SessionCatalog) -> Prepared:
        """The plan for a text of one statement, made anew where it would mean something else now."""
        known = self._plans.get(sql)
        if known is not None and known.means_the_same(catalog):
            return known
        prepared = Prepared(parsed, sql, catalog)
        if len(self._plans) >= _MOST_PLANS:
            self._plans.pop(next(iter(self._plans)))
        self._plans[sql] = prepared
        return prepared
