"""ALTER COLUMN TYPE: the values converted, and what was built over the column made anew."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlvec.core.errors import FeatureNotSupported
from sqlvec.core.schema import Index, Table
from sqlvec.planner import statements as st
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.planner.stored import conversion

from ..locks.modes import Mode
from ..modify.deferral import must_not_be_pending
from ..modify.foreign_key_check import check_table
from ..modify.text import quote
from ..session import Session
from .column_definition import resolve_type
from .definitions import new_oid
from .dependents import views_over_column
from .foreign_key_definition import check_key_types
from .operator_class import check_dimensions, check_operator_class
from .reshaping import Reshaping, current, define, must_have, with_column


def alter_column_type(session: Session, table: Table, action: st.AlterColumnType) -> None:
    column = must_have(table, action.name)
    kind, typmod = resolve_type(action.type)
    views = views_over_column(session, table, column.name)
    if views:
        raise FeatureNotSupported(
            "cannot alter type of a column used by a view or rule",
            detail=f'rule _RETURN on view {views[0].name} depends on column "{column.name}"',
        )
    target = replace(column, type=kind, typmod=typmod)
    node = conversion(
        session.catalog, table, column, target, action.using.text if action.using is not None else None
    )
    changed = replace(table, columns=with_column(table, target))
    for index in table.indexes:
        for key in index.columns:
            if key.column == column.name:
                check_operator_class(index.method, kind, key.opclass)
    changed = replace(changed, indexes=_renewed_indexes(session, changed, column.name))
    with Reshaping(session, table):
        name = quote(column.name)
        # DuckDB's ALTER TYPE ... USING knows no table alias, so the values go through a second column.
        session.transaction.write(
            f"ALTER TABLE {table.storage_name} ADD COLUMN sqlvec_changed {target.duckdb_type}"
        )
        session.transaction.write(
            f"UPDATE {table.storage_name} AS {NEW_ROWS} SET sqlvec_changed = {sql_of(node)}"
        )
        session.transaction.write(f"ALTER TABLE {table.storage_name} DROP COLUMN {name}")
        session.transaction.write(f"ALTER TABLE {table.storage_name} RENAME COLUMN sqlvec_changed TO {name}")
        define(session, changed)
    _renew_foreign_keys(session, changed, column.name)


def _renew_foreign_keys(session: Session, table: Table, name: str) -> None:
    """Both sides of a foreign key must still be comparable, and other values may be equal now. As in
    PostgreSQL it is another constraint from then on.
    """
    own = [(table, key) for key in table.foreign_keys if name in key.columns]
    others = [each for each in session.transaction.catalog.references_to(table.oid) if name in each[1].keys]
    for child, key in dict.fromkeys([*own, *others]):
        session.transaction.lock_table(child.oid, Mode.SHARE_ROW_EXCLUSIVE)
        child = current(session, child)
        must_not_be_pending(session.transaction, child, "ALTER TABLE")
        check_key_types(child, key, session.transaction.catalog.table(key.parent))
        if key.is_valid:
            check_table(session.transaction, child, key)
        renewed = replace(key, oid=new_oid(session))
        keys = tuple(renewed if each.oid == key.oid else each for each in child.foreign_keys)
        define(session, replace(child, foreign_keys=keys))


def _renewed_indexes(session: Session, table: Table, column: str) -> tuple[Index, ...]:
    """Vector indexes of a rewritten column are others from now on: the old structure holds old values under
    the same row ids, and its file must not be taken for the new one's after a crash.
    """
    renewed: list[Index] = []
    for index in table.indexes:
        if index.is_vector_index and index.columns[0].column == column:
            check_dimensions(must_have(table, column), index.method)
            index = replace(index, oid=new_oid(session))
            session.transaction.after_commit.append(partial(_rebuild, session, table.oid, index.oid))
        renewed.append(index)
    return tuple(renewed)


def _rebuild(session: Session, table_oid: int, index_oid: int) -> None:
    session.store.maintenance.rebuild(table_oid, index_oid)
