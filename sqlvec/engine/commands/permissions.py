"""PERMISSIONS: what each statement asks of the role that runs it; what is not listed is denied.

Superusers are asked nothing. Statements that run others (EXPLAIN, COPY TO, DECLARE, EXECUTE) hand these to
`check_plan` by running them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlvec.core.errors import InsufficientPrivilege, Notice, Severity
from sqlvec.core.role import CHECKPOINT
from sqlvec.core.schema import Schema, Sequence, Table, View
from sqlvec.planner import statements as st
from sqlvec.planner.access import Access
from sqlvec.planner.catalog import Relation
from sqlvec.storage.privileges import Secured

from ..authority import Authority, denied
from ..prepared import Plan, Prepared
from ..session import Session


def authority_of(session: Session) -> Authority:
    return Authority(session.transaction.catalog, session.role)


def check(session: Session, prepared: Prepared) -> None:
    """Raise 42501 unless the current role may run the statement."""
    authority = authority_of(session)
    check_plan(session, prepared.plan)
    if authority.is_superuser:
        return
    statement = prepared.parsed.statement
    permission = PERMISSIONS.get(type(statement))
    if permission is None:
        raise InsufficientPrivilege("permission denied")
    permission(session, authority, statement)


def check_plan(session: Session, plan: Plan) -> None:
    """A superuser is asked only for what views read in their owners' names."""
    if plan is None:
        return
    authority = authority_of(session)
    if authority.is_superuser:
        authority.check(access for access in plan.accesses if access.role is not None)
    else:
        authority.check(plan.accesses, plan.tables)


def _find(session: Session, name: st.Name) -> Table | View | Sequence | None:
    found: Relation | None = session.catalog.relation(name.schema, name.name)
    return found if isinstance(found, Table | View | Sequence) else None


def _nothing(session: Session, authority: Authority, statement: Any) -> None:
    """The handler itself asks, or there is nothing to ask."""


def _create_relation(session: Session, authority: Authority, statement: Any) -> None:
    name: st.Name = statement.name
    if name.schema is not None:
        session.catalog.relation(name.schema, name.name)  # asks for USAGE
        authority.must_create_in(name.schema)
        return
    found = session.catalog.creation_schema()
    if found is not None:
        authority.must_have(found, "C")


def _create_table(session: Session, authority: Authority, statement: st.CreateTable) -> None:
    _create_relation(session, authority, statement)
    for like in statement.likes:
        other = _find(session, like.table)
        if other is not None:
            authority.check([Access(other.oid, "r")])
    _references(session, authority, statement.constraints)


def _references(session: Session, authority: Authority, constraints: Iterable[st.TableConstraint]) -> None:
    """REFERENCES, on the other table or the columns of it."""
    for constraint in constraints:
        parent = _find(session, constraint.table) if isinstance(constraint, st.ForeignKey) else None
        if not isinstance(constraint, st.ForeignKey) or not isinstance(parent, Table):
            continue
        key = parent.primary_key
        names = constraint.referenced or (key.columns if key is not None else ())
        privileges = authority.privileges
        columns = [parent.column(name) for name in names]
        if not privileges.has(parent, "x") and not (
            columns and all(c is not None and "x" in privileges.on_column(parent, c) for c in columns)
        ):
            raise denied(parent)


def _create_view(session: Session, authority: Authority, statement: st.CreateView) -> None:
    _create_relation(session, authority, statement)
    old = _find(session, statement.name)
    if old is not None and statement.or_replace:
        authority.must_own(old)


def _create_schema(session: Session, authority: Authority, statement: st.CreateSchema) -> None:
    authority.must_have(session.roster.database, "C", session.store.name)


def _create_sequence(session: Session, authority: Authority, statement: st.CreateSequence) -> None:
    _create_relation(session, authority, statement)
    if statement.owned_by is not None:
        table = _find(session, statement.owned_by[0])
        if table is not None:
            authority.must_own(table)


def _create_index(session: Session, authority: Authority, statement: st.CreateIndex) -> None:
    table = _find(session, statement.table)
    if table is not None:
        authority.must_own(table)
        authority.must_create_in(table.schema)


def _drop(session: Session, authority: Authority, statement: st.Drop) -> None:
    state = session.transaction.catalog
    for name in statement.names:
        if statement.kind == "SCHEMA":
            schema = state.schema(name.name)
            if schema is not None:
                authority.must_own(schema)
            continue
        if statement.kind == "INDEX":
            _own_index(session, authority, name)
            continue
        found = _find(session, name)
        if found is not None and not _owns_schema_of(session, authority, found):
            authority.must_own(found)


def _owns_schema_of(session: Session, authority: Authority, item: Table | View | Sequence) -> bool:
    schema = session.transaction.catalog.schema(item.schema)
    return schema is not None and authority.privileges.owns(schema)


def _own_index(session: Session, authority: Authority, name: st.Name) -> None:
    found = session.catalog.index(name.schema, name.name)
    if found is not None and not authority.privileges.owns(found[0]):
        raise InsufficientPrivilege(f"must be owner of index {name.name}")


def _alter(session: Session, authority: Authority, statement: st.Alter) -> None:
    if statement.kind == "INDEX":
        _own_index(session, authority, statement.name)
        return
    item: Secured | None
    if statement.kind == "SCHEMA":
        item = session.transaction.catalog.schema(statement.name.name)
    else:
        item = _find(session, statement.name)
    if item is None:
        return
    authority.must_own(item)
    for action in statement.actions:
        if isinstance(action, st.RenameRelation) and not isinstance(item, Schema):
            assert isinstance(item, Table | View | Sequence)
            authority.must_create_in(item.schema)
        elif isinstance(action, st.RenameRelation):
            authority.must_have(session.roster.database, "C", session.store.name)
        elif isinstance(action, st.SetRelationSchema):
            authority.must_create_in(action.schema)
        elif isinstance(action, st.AddConstraint):
            _references(session, authority, [action.constraint])
        elif isinstance(action, st.AddColumn):
            _references(session, authority, action.constraints)


def _truncate(session: Session, authority: Authority, statement: st.Truncate) -> None:
    for name in statement.names:
        found = _find(session, name)
        if isinstance(found, Table):
            authority.must_have(found, "D")


def _copy(session: Session, authority: Authority, statement: st.Copy) -> None:
    """COPY TO runs a query, which is asked for itself."""
    if statement.direction != "from" or statement.table is None:
        return
    table = _find(session, statement.table)
    if isinstance(table, Table):
        names = statement.columns or tuple(c.name for c in table.columns if c.generated is None)
        numbers = {column.number for column in table.columns if column.name in names}
        authority.check([Access(table.oid, "a", inserted=numbers)])


def _maintain(session: Session, authority: Authority, statement: Any) -> None:
    """ANALYZE and VACUUM skip what they may not touch, with a warning."""


def maintained(session: Session, tables: Iterable[Table], verb: str) -> list[Table]:
    """Those of the tables that the role may maintain."""
    authority = authority_of(session)
    found: list[Table] = []
    for table in tables:
        if authority.privileges.owns(table) or authority.privileges.has(table, "m"):
            found.append(table)
        else:
            message = f'permission denied to {verb} "{table.name}", skipping it'
            session.notice(Notice(message, severity=Severity.WARNING, sqlstate="01000"))
    return found


def _reindex(session: Session, authority: Authority, statement: st.Reindex) -> None:
    if statement.name is None or statement.kind not in ("INDEX", "TABLE"):
        if not authority.privileges.owns(session.roster.database):
            raise InsufficientPrivilege(f"must be owner of database {session.store.name}")
        return
    if statement.kind == "INDEX":
        found = session.catalog.index(statement.name.schema, statement.name.name)
        if found is not None:
            _must_maintain(authority, found[0], f"index {statement.name.name}")
        return
    table = _find(session, statement.name)
    if isinstance(table, Table):
        _must_maintain(authority, table, f"table {table.name}")


def _must_maintain(authority: Authority, table: Table, label: str) -> None:
    if not authority.privileges.owns(table) and not authority.privileges.has(table, "m"):
        raise InsufficientPrivilege(f"permission denied for {label}")


def _checkpoint(session: Session, authority: Authority, statement: st.Checkpoint) -> None:
    if CHECKPOINT not in session.roster.privileges_of(session.role):
        raise InsufficientPrivilege(
            "permission denied to execute CHECKPOINT command",
            detail='Only roles with privileges of the "pg_checkpoint" role may execute this command.',
        )


# By lock mode, privileges of which any one is enough.
_LOCKS = {"ACCESS SHARE": "rwdDm", "ROW SHARE": "rwdDm", "ROW EXCLUSIVE": "awdDm"}


def _lock(session: Session, authority: Authority, statement: st.LockTable) -> None:
    for name in statement.names:
        found = _find(session, name)
        if found is None:
            continue
        wanted = set(_LOCKS.get(statement.mode.upper(), "wdDm"))
        if not wanted & authority.privileges.on(found):
            raise denied(found)


def _policy(session: Session, authority: Authority, statement: Any) -> None:
    table = _find(session, statement.table)
    if table is not None:
        authority.must_own(table)


Permission = Callable[[Session, Authority, Any], None]

PERMISSIONS: dict[type[Any], Permission] = {
    **dict.fromkeys(
        (
            st.Query, st.Insert, st.Update, st.Delete, st.Explain, st.DeclareCursor, st.Fetch,
            st.CloseCursor, st.Prepare, st.Execute, st.Deallocate, st.Unlisten,
            st.Begin, st.Commit, st.Rollback, st.Savepoint, st.ReleaseSavepoint, st.RollbackTo,
            st.SetTransaction, st.SetSetting, st.ShowSetting, st.ResetSetting, st.Discard,
            st.CreateExtension,
            st.CreateRole, st.AlterRole, st.RenameRole, st.AlterRoleSettings, st.AlterDatabaseOwner,
            st.DropRole, st.GrantRole, st.Grant, st.AlterDefaultPrivileges, st.ReassignOwned, st.DropOwned,
        ),
        _nothing,
    ),
    st.CreateTable: _create_table,
    st.CreateTableAs: _create_relation,
    st.CreateView: _create_view,
    st.CreateSchema: _create_schema,
    st.CreateSequence: _create_sequence,
    st.CreateIndex: _create_index,
    st.Drop: _drop,
    st.Alter: _alter,
    st.Truncate: _truncate,
    st.Copy: _copy,
    st.Analyze: _maintain,
    st.Vacuum: _maintain,
    st.Reindex: _reindex,
    st.Checkpoint: _checkpoint,
    st.LockTable: _lock,
    st.CreatePolicy: _policy,
    st.AlterPolicy: _policy,
    st.DropPolicy: _policy,
}  # fmt: skip
