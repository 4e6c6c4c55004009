"""Dependents: the views and defaults that need an object, found by planning them."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import DependentObjectsStillExist, Notice, SqlError
from sqlvec.core.schema import Sequence, Table, View
from sqlvec.planner.logical import QueryPlan
from sqlvec.planner.parse import parse_expression, parse_query
from sqlvec.planner.plan import plan_query
from sqlvec.storage.catalog import CatalogState

from ..session import Session

HINT = "Use DROP ... CASCADE to drop the dependent objects too."


def drop_dependents(session: Session, item: Table | View, label: str, *, cascade: bool) -> None:
    """Views that read a relation: an error, or dropped with it."""
    views = views_over(session, item)
    if views and not cascade:
        raise DependentObjectsStillExist(
            f"cannot drop {label} because other objects depend on it",
            detail="\n".join(_chain(session, views, label)),
            hint=HINT,
        )
    drop_views(session, views)


def _chain(session: Session, views: list[View], label: str) -> list[str]:
    lines: list[str] = []
    for view in views:
        lines.append(f"view {view.name} depends on {label}")
        lines += _chain(session, views_over(session, view), f"view {view.name}")
    return list(dict.fromkeys(lines))


def drop_views(session: Session, views: list[View]) -> None:
    """CASCADE: the views and those over them."""
    doomed: dict[int, View] = {}
    queue = list(views)
    while queue:
        view = queue.pop(0)
        if view.oid not in doomed:
            doomed[view.oid] = view
            queue += views_over(session, view)
    if not doomed:
        return
    names = [view.name for view in doomed.values()]
    if len(names) == 1:
        session.notice(Notice(f"drop cascades to view {names[0]}"))
    else:
        detail = "\n".join(f"drop cascades to view {name}" for name in names)
        session.notice(Notice(f"drop cascades to {len(names)} other objects", detail=detail))
    state = session.transaction.catalog
    for oid in doomed:
        state = state.without(oid)
    session.transaction.define(state)


def views_over(session: Session, item: Table | View) -> list[View]:
    """Views whose own query names the relation."""
    state = session.transaction.catalog
    return [view for view in state.each(View) if view.oid != item.oid and _names(view, item, state)]


def _names(view: View, item: Table | View, state: CatalogState) -> bool:
    tree = parse_query(view.query).tree
    hidden = {cte.alias for cte in tree.find_all(exp.CTE)}
    for found in tree.find_all(exp.Table):
        name = found.name if found.this.args.get("quoted") else found.name.lower()
        if name != item.name or (not found.db and name in hidden):
            continue
        schemas = [found.db] if found.db else view.search_path
        first = next((r for r in (state.relation(s, name) for s in schemas) if r is not None), None)
        if first is not None and first.oid == item.oid:
            return True
    return False


def views_over_column(session: Session, table: Table, name: str) -> list[View]:
    """Views that mean something else, or nothing, once the column is gone."""
    left = replace(table, columns=tuple(column for column in table.columns if column.name != name))
    state = session.transaction.catalog.with_object(left)
    return [view for view in views_over(session, table) if _needs(session, view, state)]


def _needs(session: Session, view: View, state: CatalogState) -> bool:
    before, after = _plan(session, view, None), _plan(session, view, state)
    if before is None or after is None:
        return before is not None
    return [c.name for c in before.columns] != [c.name for c in after.columns]


def _plan(session: Session, view: View, state: CatalogState | None) -> QueryPlan | None:
    catalog = session.catalog if state is None else replace(session.catalog, state=state)
    try:
        return plan_query(parse_query(view.query).tree, catalog, view.query, use_searches=False)
    except SqlError:
        return None


def defaults_over(session: Session, sequence: Sequence) -> list[tuple[Table, str]]:
    """Columns that take their default from a sequence, by ownership or by calling nextval."""
    found: list[tuple[Table, str]] = []
    for table in session.transaction.catalog.each(Table):
        for column in table.columns:
            by_call = column.default is not None and _calls(session, column.default, sequence)
            if column.sequence_oid == sequence.oid or by_call:
                found.append((table, column.name))
    return found


def _calls(session: Session, default: str, sequence: Sequence) -> bool:
    for call in parse_expression(default).find_all(exp.Anonymous):
        if call.name.lower() != "nextval" or not call.expressions:
            continue
        literal = call.expressions[0].find(exp.Literal)
        parts = str(literal.this).rsplit(".", 1) if literal is not None else []
        names = [part[1:-1] if part.startswith('"') else part.lower() for part in parts]
        relation = (
            session.catalog.relation(names[0] if len(names) > 1 else None, names[-1]) if names else None
        )
        if relation is not None and relation.oid == sequence.oid:
            return True
    return False
