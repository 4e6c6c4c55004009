"""Policies: pg_policy and the view of it, pg_policies."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.policy import Policy
from sqlvec.core.schema import Table

from ..context import CatalogContext
from ..expressions import printed
from ..relation import Row

_COMMANDS = {"ALL": "*", "SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}


def policies(context: CatalogContext) -> Iterator[Row]:
    for table, policy in _each(context):
        yield {
            "oid": policy.oid,
            "polname": policy.name,
            "polrelid": table.oid,
            "polcmd": _COMMANDS[policy.command],
            "polpermissive": policy.is_permissive,
            "polroles": list(policy.roles),
            "polqual": _shown(policy.using),
            "polwithcheck": _shown(policy.check),
        }


def view(context: CatalogContext) -> Iterator[Row]:
    roster = context.state.roster
    for table, policy in _each(context):
        yield {
            "schemaname": table.schema,
            "tablename": table.name,
            "policyname": policy.name,
            "permissive": "PERMISSIVE" if policy.is_permissive else "RESTRICTIVE",
            "roles": ["public" if oid == 0 else roster.name_of(oid) for oid in policy.roles],
            "cmd": policy.command,
            "qual": _shown(policy.using),
            "with_check": _shown(policy.check),
        }


def _each(context: CatalogContext) -> Iterator[tuple[Table, Policy]]:
    for table in context.state.each(Table):
        for policy in sorted(table.policies, key=lambda each: each.name):
            yield table, policy


def _shown(expression: str | None) -> str | None:
    return None if expression is None else printed(expression)
