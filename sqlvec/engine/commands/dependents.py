"""Dependents: the views, foreign keys and defaults that need an object."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlvec.core.errors import DependentObjectsStillExist, Notice, SqlError
from sqlvec.core.schema import ForeignKey, Sequence, Table, UniqueConstraint, View
from sqlvec.planner.logical import QueryPlan
from sqlvec.planner.parse import parse_expression, parse_query
from sqlvec.planner.plan import plan_query
from sqlvec.storage.catalog import CatalogState

from ..locks.modes import Mode
from ..session import Session

HINT = "Use DROP ... CASCADE to drop the dependent objects too."


@dataclass(frozen=True, slots=True)
class Dependent:
    """What needs another object, and would have to go with it; `reason` is that object's label."""

    item: View | tuple[Table, ForeignKey]
    reason: str

    @property
    def oid(self) -> int:
        return self.item.oid if isinstance(self.item, View) else self.item[1].oid

    @property
    def label(self) -> str:
        if isinstance(self.item, View):
            return f"view {self.item.name}"
        table, key = self.item
        return f"constraint {key.name} on table {table.name}"


def dependents_of(session: Session, item: Table | View, label: str, spared: Set[int]) -> list[Dependent]:
    """The views over a relation and the foreign keys that reference it; not those of `spared` relations,
    which are dropped themselves.
    """
    found = [Dependent(view, label) for view in views_over(session, item) if view.oid not in spared]
    for table, key in session.transaction.catalog.references_to(item.oid):
        if table.oid not in spared:
            found.append(Dependent((table, key), label))
    return found


def references_to_key(session: Session, table: Table, unique: UniqueConstraint) -> list[Dependent]:
    references = session.transaction.catalog.references_to(table.oid)
    return [Dependent(each, f"index {unique.name}") for each in references if each[1].unique == unique.oid]


def drop_dependents(session: Session, label: str, dependents: list[Dependent], *, cascade: bool) -> None:
    """An error, or dropped with what they need."""
    if dependents and not cascade:
        raise must_cascade(session, f"cannot drop {label} because other objects depend on it", dependents)
    drop_all(session, dependents)


def must_cascade(
    session: Session, message: str, dependents: list[Dependent], first: Iterable[str] = ()
) -> DependentObjectsStillExist:
    lines = [*first]
    for dependent in sorted(dependents, key=lambda each: each.oid):
        lines += _chain(session, dependent)
    return DependentObjectsStillExist(message, detail="\n".join(dict.fromkeys(lines)), hint=HINT)


def _chain(session: Session, dependent: Dependent) -> list[str]:
    lines = [f"{dependent.label} depends on {dependent.reason}"]
    if isinstance(dependent.item, View):
        for view in views_over(session, dependent.item):
            lines += _chain(session, Dependent(view, dependent.label))
    return lines


def drop_all(session: Session, dependents: list[Dependent], labels: Iterable[str] = ()) -> None:
    """CASCADE: these, and the views over them."""
    doomed: dict[int, Dependent] = {}
    queue = sorted(dependents, key=lambda each: each.oid)
    while queue:
        dependent = queue.pop(0)
        if dependent.oid in doomed:
            continue
        doomed[dependent.oid] = dependent
        if isinstance(dependent.item, View):
            queue += [Dependent(view, dependent.label) for view in views_over(session, dependent.item)]
    _notify(session, [*labels, *(dependent.label for dependent in doomed.values())])
    for dependent in doomed.values():
        _remove(session, dependent)


def _notify(session: Session, labels: list[str]) -> None:
    if len(labels) == 1:
        session.notice(Notice(f"drop cascades to {labels[0]}"))
    elif labels:
        detail = "\n".join(f"drop cascades to {label}" for label in labels)
        session.notice(Notice(f"drop cascades to {len(labels)} other objects", detail=detail))


def _remove(session: Session, dependent: Dependent) -> None:
    state = session.transaction.catalog
    if isinstance(dependent.item, View):
        session.transaction.define(state.without(dependent.item.oid))
        return
    table, gone = dependent.item
    table = state.table(table.oid)
    kept = tuple(key for key in table.foreign_keys if key.oid != gone.oid)
    session.transaction.lock_table(table.oid, Mode.ACCESS_EXCLUSIVE)
    session.transaction.define(state.with_object(replace(table, foreign_keys=kept)))


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
