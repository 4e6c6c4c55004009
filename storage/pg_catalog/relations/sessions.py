"""Sessions: pg_stat_activity, their locks: pg_locks, cursors: pg_cursors, index builds."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.role import READ_ALL_STATS, Role

from ..context import CatalogContext
from ..oids import OWNER, database_oid
from ..relation import Row

_SECRET = "<insufficient privilege>"


def activity(context: CatalogContext) -> Iterator[Row]:
    roster = context.state.roster
    roles = {role.name: role.oid for role in roster.each(Role)}
    for session in context.sessions:
        yield {
            "datid": database_oid(session.database),
            "datname": session.database,
            "pid": session.pid,
            "usesysid": roles.get(session.user, OWNER),
            "usename": session.user,
            "application_name": session.application_name,
            "client_addr": session.client_address,
            "client_port": session.client_port,
            "backend_start": session.backend_start,
            "query_start": session.query_start,
            "state": session.state,
            "query": session.query if _may_see(context, roles.get(session.user)) else _SECRET,
            "backend_type": "client backend",
        }


def _may_see(context: CatalogContext, owner: int | None) -> bool:
    """What others run may hold what only they may see."""
    roster = context.state.roster
    if roster.is_superuser(context.role) or READ_ALL_STATS in roster.privileges_of(context.role):
        return True
    return owner is not None and owner in roster.privileges_of(context.role)


def builds(context: CatalogContext) -> Iterator[Row]:
    for build in context.progress:
        yield {
            "pid": build.pid,
            "datid": database_oid(context.database),
            "datname": context.database,
            "relid": build.table_oid,
            "index_relid": build.index_oid,
            "command": "CREATE INDEX",
            "phase": build.phase,
            "lockers_total": 0,
            "lockers_done": 0,
            "current_locker_pid": 0,
            "blocks_total": 0,
            "blocks_done": 0,
            "tuples_total": build.total,
            "tuples_done": build.done,
            "partitions_total": 0,
            "partitions_done": 0,
        }


# Locks on all of a table's rows or keys, and the intentions to lock some, have no counterpart.
_TYPES = {
    "relation": "relation",
    "tuple": "tuple",
    "advisory": "advisory",
    "object": "object",
    "key": "tuple",
}


def locks(context: CatalogContext) -> Iterator[Row]:
    for lock in context.locks:
        kind = _TYPES.get(lock.kind)
        if kind is None:
            continue
        high, low, part = lock.key if kind == "advisory" and isinstance(lock.key, tuple) else (None,) * 3
        yield {
            "locktype": kind,
            "database": database_oid(context.database),
            "relation": lock.table_oid or None,
            "classid": high,
            "objid": low,
            "objsubid": part,
            "virtualtransaction": f"{lock.pid}/1",
            "pid": lock.pid,
            "mode": lock.mode,
            "granted": lock.is_granted,
            "fastpath": False,
        }


def cursors(context: CatalogContext) -> Iterator[Row]:
    for cursor in context.cursors:
        yield {
            "name": cursor.name,
            "statement": cursor.statement,
            "is_holdable": cursor.is_held,
            "is_binary": False,
            "is_scrollable": cursor.is_scrollable,
            "creation_time": cursor.created,
        }
