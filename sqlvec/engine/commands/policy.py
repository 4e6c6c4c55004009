"""CREATE, ALTER and DROP POLICY; ENABLE and FORCE ROW LEVEL SECURITY."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlvec.core.acl import PUBLIC
from sqlvec.core.errors import (
    DuplicateObject,
    Notice,
    Severity,
    SqlSyntaxError,
    UndefinedObject,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.outcome import Done
from sqlvec.core.policy import Policy
from sqlvec.core.schema import Table
from sqlvec.planner import statements as st
from sqlvec.planner.expressions import check_policy

from ..locks.modes import Mode
from ..prepared import Prepared
from ..role_lookup import grantees
from ..session import Session
from ..values import ParameterValues
from .definitions import new_oid
from .relation_lock import lock_named
from .reshaping import define


def create_policy(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CreatePolicy)
    lock_named(session, [statement.table], Mode.ACCESS_EXCLUSIVE)
    session.transaction.begin_defining()
    table = _table(session, statement.table)
    if statement.check is not None and statement.command in ("SELECT", "DELETE"):
        raise SqlSyntaxError("WITH CHECK cannot be applied to SELECT or DELETE")
    if statement.using is not None and statement.command == "INSERT":
        raise SqlSyntaxError("only WITH CHECK expression allowed for INSERT")
    if any(policy.name == statement.name for policy in table.policies):
        raise DuplicateObject(f'policy "{statement.name}" for table "{table.name}" already exists')
    policy = Policy(
        new_oid(session),
        statement.name,
        statement.command,
        statement.is_permissive,
        _roles(session, statement.roles),
        _text(session, table, statement.using),
        _text(session, table, statement.check),
        session.catalog.search_path,
    )
    define(session, replace(table, policies=(*table.policies, policy)))
    return Done("CREATE POLICY")


def _table(session: Session, name: st.Name) -> Table:
    found = session.catalog.relation(name.schema, name.name)
    if found is None:
        raise UndefinedTable(f'relation "{name.name}" does not exist')
    if not isinstance(found, Table):
        raise WrongObjectType(f'"{name.name}" is not a table')
    return found


def _roles(session: Session, specs: tuple[st.RoleSpec, ...]) -> tuple[int, ...]:
    found = tuple(dict.fromkeys(grantees(session, specs))) or (PUBLIC,)
    if PUBLIC in found and len(found) > 1:
        session.notice(
            Notice(
                "ignoring specified roles other than PUBLIC",
                severity=Severity.WARNING,
                sqlstate="22023",
                hint="All roles are members of the PUBLIC role.",
            )
        )
        return (PUBLIC,)
    return found


def _text(session: Session, table: Table, expression: st.Expression | None) -> str | None:
    if expression is None:
        return None
    check_policy(session.catalog, expression, table)
    return expression.text


def alter_policy(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.AlterPolicy)
    lock_named(session, [statement.table], Mode.ACCESS_EXCLUSIVE)
    session.transaction.begin_defining()
    table = _table(session, statement.table)
    old = _must_find(table, statement.name)
    changes: dict[str, Any] = {}
    if statement.new_name is not None:
        if any(policy.name == statement.new_name for policy in table.policies):
            raise DuplicateObject(f'policy "{statement.new_name}" for table "{table.name}" already exists')
        changes["name"] = statement.new_name
    if statement.roles is not None:
        changes["roles"] = _roles(session, statement.roles)
    if statement.using is not None:
        if old.command == "INSERT":
            raise SqlSyntaxError("only WITH CHECK expression allowed for INSERT")
        changes |= {"using": _text(session, table, statement.using)}
    if statement.check is not None:
        if old.command in ("SELECT", "DELETE"):
            raise SqlSyntaxError("only USING expression allowed for SELECT, DELETE")
        changes |= {"check": _text(session, table, statement.check)}
    if statement.using is not None or statement.check is not None:
        changes["search_path"] = session.catalog.search_path
    policies = tuple(replace(old, **changes) if policy is old else policy for policy in table.policies)
    define(session, replace(table, policies=policies))
    return Done("ALTER POLICY")


def _must_find(table: Table, name: str) -> Policy:
    found = next((policy for policy in table.policies if policy.name == name), None)
    if found is None:
        raise UndefinedObject(f'policy "{name}" for table "{table.name}" does not exist')
    return found


def drop_policy(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.DropPolicy)
    lock_named(session, [statement.table], Mode.ACCESS_EXCLUSIVE)
    session.transaction.begin_defining()
    try:
        table = _table(session, statement.table)
        gone = _must_find(table, statement.name)
    except (UndefinedTable, UndefinedObject) as error:
        if not statement.if_exists:
            raise
        shown = error.message.replace("for table", "for relation")
        session.notice(Notice(f"{shown}, skipping"))
        return Done("DROP POLICY")
    kept = tuple(policy for policy in table.policies if policy is not gone)
    define(session, replace(table, policies=kept))
    return Done("DROP POLICY")


def _set_row_security(session: Session, table: Table, action: st.SetRowSecurity) -> None:
    enabled = table.row_security if action.enabled is None else action.enabled
    forced = table.force_row_security if action.forced is None else action.forced
    define(session, replace(table, row_security=enabled, force_row_security=forced))


ROW_SECURITY_ACTIONS: dict[type[Any], Any] = {st.SetRowSecurity: _set_row_security}
