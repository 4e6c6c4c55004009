"""Prepared: a parsed statement with its plan, made once and made again when the catalog has changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from sqlvec.core.outcome import ResultColumn
from sqlvec.core.stack_depth import stack_depth
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.timezone import session_timezone
from sqlvec.planner import statements as st
from sqlvec.planner.logical import QueryPlan
from sqlvec.planner.modify import ModifyPlan, plan_delete, plan_insert, plan_update
from sqlvec.planner.plan import plan_query

from .locks.modes import Mode
from .session_catalog import SessionCatalog

Plan: TypeAlias = QueryPlan | ModifyPlan | None
Declared: TypeAlias = tuple[PgType | None, ...]


class Prepared:
    """`parsed` is None for an empty query string; `timezone` is that of literals without one."""

    def __init__(
        self,
        parsed: st.ParsedStatement | None,
        sql: str,
        catalog: SessionCatalog,
        declared: Declared = (),
        timezone: str | None = None,
    ) -> None:
        self.parsed_or_empty = parsed
        self.sql = sql
        self._declared = declared
        self._state = catalog.state
        self._search_path = catalog.settings.get("search_path")
        self._asker = _asker(catalog)
        self.timezone = timezone if timezone is not None else catalog.settings.get("timezone")
        self.known_columns: tuple[ResultColumn, ...] | None = None  # once described
        with session_timezone(self.timezone), stack_depth():
            self.plan: Plan = plan_statement(parsed, sql, catalog, declared) if parsed is not None else None
            self._parameters = (
                self.plan.parameters
                if self.plan is not None
                else _inner_parameters(parsed, sql, catalog, declared)
            )

    @property
    def parsed(self) -> st.ParsedStatement:
        assert self.parsed_or_empty is not None
        return self.parsed_or_empty

    @property
    def parameter_types(self) -> tuple[PgType, ...]:
        return self._parameters

    @property
    def tables(self) -> frozenset[int]:
        """The tables that the plan reads."""
        return self.plan.tables if self.plan is not None else frozenset()

    def table_locks(self) -> Iterator[tuple[int, Mode]]:
        """What the statement holds while it runs, always in the same order."""
        target = self.plan.table.oid if isinstance(self.plan, ModifyPlan) else None
        if target is not None:
            yield target, Mode.ROW_EXCLUSIVE
        for oid in sorted(self.tables):
            if oid != target:
                yield oid, Mode.ACCESS_SHARE

    def is_fresh(self, catalog: SessionCatalog) -> bool:
        """Whether names still mean what they meant when the plan was made."""
        return (
            self._state is catalog.state
            and self._asker == _asker(catalog)
            and self._search_path == catalog.settings.get("search_path")
            and not self._folds_session()
        )

    def means_the_same(self, catalog: SessionCatalog) -> bool:
        """Whether the same text would be planned so again."""
        return self.timezone == catalog.settings.get("timezone") and self.is_fresh(catalog)

    def is_of_another(self, catalog: SessionCatalog) -> bool:
        """Whether it was planned for another role than the one that runs it now."""
        return self._asker != _asker(catalog)

    def _folds_session(self) -> bool:
        """Volatile queries may hold values of the session (current_setting), so they are planned anew."""
        if isinstance(self.plan, ModifyPlan):
            return self.plan.reads_session
        return self.plan is not None and self.plan.is_volatile

    def replanned(self, catalog: SessionCatalog) -> Prepared:
        """The statement over the newer catalog; its literals stay as they were first read."""
        declared = self._declared or tuple(self.parameter_types)
        return Prepared(self.parsed_or_empty, self.sql, catalog, declared, self.timezone)


def _asker(catalog: SessionCatalog) -> tuple[int, str, bool]:
    """Whose plan it is: names, row-level security and current_user are bound for one role."""
    return catalog.role, catalog.session_user, catalog.settings.is_on("row_security")


def plan_statement(
    parsed: st.ParsedStatement, sql: str, catalog: SessionCatalog, declared: Declared = ()
) -> Plan:
    """The plan of a query or data-modifying statement; other statements have none."""
    statement, count = parsed.statement, parsed.parameter_count
    match statement:
        case st.Query(tree=tree) | st.DeclareCursor(tree=tree):
            return plan_query(tree, catalog, sql, count, declared)
        case st.Insert(tree=tree, overriding=overriding):
            return plan_insert(tree, catalog, sql, count, declared, overriding)
        case st.Update(tree=tree):
            return plan_update(tree, catalog, sql, count, declared)
        case st.Delete(tree=tree):
            return plan_delete(tree, catalog, sql, count, declared)
        case _:
            return None


def _inner_parameters(
    parsed: st.ParsedStatement | None, sql: str, catalog: SessionCatalog, declared: Declared
) -> tuple[PgType, ...]:
    """Parameters of EXPLAIN and COPY belong to the statement inside."""
    if parsed is None or not parsed.parameter_count:
        return ()
    match parsed.statement:
        case st.Explain(statement=inner):
            pass
        case st.Copy(query=inner) if inner is not None:
            pass
        case st.CreateTableAs(query=inner):
            pass
        case _:
            return ()
    plan = plan_statement(
        st.ParsedStatement(inner, parsed.text, parsed.start, parsed.parameter_count), sql, catalog, declared
    )
    return plan.parameters if plan is not None else ()
