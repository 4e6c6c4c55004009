"""Statements to handlers: one table, one file per family of statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlvec.core.errors import FeatureNotSupported, ReadOnlySqlTransaction, SqlError
from sqlvec.core.outcome import Outcome, ResultColumn
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from . import (
    alter,
    copy,
    create_index,
    create_table,
    create_table_as,
    cursor,
    default_privileges,
    definitions,
    drop,
    explain,
    grant,
    lock_table,
    maintenance,
    owned,
    permissions,
    policy,
    prepared_sql,
    query,
    role,
    role_membership,
    role_settings,
    set_constraints,
    set_show,
    transaction,
    truncate,
)
from .hidden_details import hide_details

Handler = Callable[["Session", Prepared, ParameterValues], Outcome]

# Statement class -> handler. Queries and DML come with a plan, the others with their statement.
HANDLERS: dict[type[Any], Handler] = {
    st.Query: query.run,
    st.Insert: query.modify,
    st.Update: query.modify,
    st.Delete: query.modify,
    st.Explain: explain.run,
    st.Begin: transaction.begin,
    st.Commit: transaction.commit,
    st.Rollback: transaction.rollback,
    st.Savepoint: transaction.savepoint,
    st.ReleaseSavepoint: transaction.release,
    st.RollbackTo: transaction.rollback_to,
    st.SetTransaction: transaction.set_transaction,
    st.SetConstraints: set_constraints.set_constraints,
    st.SetSetting: set_show.set_setting,
    st.ShowSetting: set_show.show,
    st.ResetSetting: set_show.reset,
    st.Discard: set_show.discard,
    st.CreateTable: create_table.create_table,
    st.CreateTableAs: create_table_as.create_table_as,
    st.CreateView: definitions.create_view,
    st.CreateSchema: definitions.create_schema,
    st.CreateSequence: definitions.create_sequence,
    st.CreateExtension: definitions.create_extension,
    st.CreateIndex: create_index.create_index,
    st.Drop: drop.drop,
    st.Alter: alter.alter,
    st.Truncate: truncate.truncate,
    st.LockTable: lock_table.lock_table,
    st.Copy: copy.run,
    st.Analyze: maintenance.analyze,
    st.Vacuum: maintenance.vacuum,
    st.Reindex: maintenance.reindex,
    st.Checkpoint: maintenance.checkpoint,
    st.Prepare: prepared_sql.prepare,
    st.Execute: prepared_sql.execute,
    st.Deallocate: prepared_sql.deallocate,
    st.DeclareCursor: cursor.declare,
    st.Fetch: cursor.fetch,
    st.CloseCursor: cursor.close,
    st.Unlisten: cursor.unlisten,
    st.CreateRole: role.create_role,
    st.AlterRole: role.alter_role,
    st.RenameRole: role.rename_role,
    st.DropRole: role.drop_role,
    st.Grant: grant.grant,
    st.CreatePolicy: policy.create_policy,
    st.AlterPolicy: policy.alter_policy,
    st.DropPolicy: policy.drop_policy,
    st.AlterDefaultPrivileges: default_privileges.alter_default_privileges,
    st.ReassignOwned: owned.reassign_owned,
    st.DropOwned: owned.drop_owned,
    st.GrantRole: role_membership.grant_role,
    st.AlterRoleSettings: role_settings.alter_settings,
    st.AlterDatabaseOwner: role_settings.alter_database_owner,
}

_WRITES = (
    st.Insert, st.Update, st.Delete, st.CreateTable, st.CreateTableAs, st.CreateView, st.CreateSchema,
    st.CreateSequence, st.CreateIndex, st.Drop, st.Alter, st.Truncate,
    st.CreateRole, st.AlterRole, st.RenameRole, st.DropRole, st.GrantRole, st.AlterRoleSettings,
    st.AlterDatabaseOwner, st.Grant, st.AlterDefaultPrivileges, st.ReassignOwned, st.DropOwned,
    st.CreatePolicy, st.AlterPolicy, st.DropPolicy,
)  # fmt: skip


class Commands:
    """Runs statements for sessions."""

    def run(self, session: Session, prepared: Prepared, values: ParameterValues) -> Outcome:
        statement = prepared.parsed.statement
        permissions.check(session, prepared)
        handler = HANDLERS.get(type(statement))
        if handler is None:
            raise FeatureNotSupported(f"{type(statement).__name__} is not supported")
        if isinstance(statement, _WRITES) and session.settings.is_on("transaction_read_only"):
            words = prepared.parsed.text.split(None, 2)
            tag = " ".join(
                words[:2] if words[0].upper() in ("CREATE", "DROP", "ALTER") else words[:1]
            ).upper()
            raise ReadOnlySqlTransaction(f"cannot execute {tag} in a read-only transaction")
        try:
            return handler(session, prepared, values)
        except SqlError as error:
            hide_details(session, error)
            raise

    def columns(self, session: Session, statement: st.Statement) -> tuple[ResultColumn, ...] | None:
        """What a utility statement returns, before it runs."""
        match statement:
            case st.ShowSetting():
                return set_show.columns(statement)
            case st.Explain():
                return explain.columns(statement)
            case st.Execute():
                return prepared_sql.columns(session, statement)
            case st.Fetch():
                return cursor.columns(session, statement)
            case _:
                return None
