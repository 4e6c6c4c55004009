"""DELETE: the query of the rows to remove."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.schema import RID
from sqlvec.core.types.pg_type import PgType

from ..bind.from_items import bind_item
from ..bind.row_security import open_target
from ..bind.scope import Scope
from ..bind.typed import Node, quoted
from ..catalog import Catalog
from ..plan import new_binder
from .plans import DeletePlan
from .returning import bind_returning
from .target import bind_others, bind_with, rows_query, target_table, written


def plan_delete(
    tree: Node, catalog: Catalog, text: str, count: int, declared: tuple[PgType | None, ...]
) -> DeletePlan:
    tree = tree.copy()
    binder = new_binder(catalog, text, count, declared)
    scope = Scope()
    bind_with(binder, tree, scope)
    table, alias = target_table(binder, tree.this, "d")
    binder.pending = written(binder)
    bound_table = bind_item(binder, tree.this, scope)
    others = bind_others(binder, tree.args.get("using") or [], scope)
    returning, extras = bind_returning(binder, tree, table, alias, scope.entries[1:])
    names = [RID, *(column.name for column in table.columns if returning is not None)]
    items: list[Node] = [
        exp.Alias(this=exp.column(quoted(name), table=quoted(alias)), alias=quoted(name)) for name in names
    ]
    source = rows_query(binder, tree, [*items, *extras], bound_table, others, scope)
    open_target(binder, bound_table, table, "DELETE")
    return DeletePlan(
        table,
        source,
        binder.parameters.types(),
        dict(binder.system_relations),
        returning,
        frozenset(binder.tables),
        tuple(binder.locking),
        accesses=tuple(binder.accesses),
        reads_session=binder.reads_settings,
        is_guarded=binder.is_guarded,
    )
