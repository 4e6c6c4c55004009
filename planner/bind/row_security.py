"""Row-level security: the policies of a table as conditions on its rows, below everything the client wrote.

A guarded table is bound as a subquery of its own that ends in a LIMIT no table reaches. DuckDB moves no
condition through a LIMIT, so nothing of the client's is evaluated on a row that the policies hide; an error
or a slow function would tell of it. The vector rules know the mark and search among the visible rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlvec.core.errors import InvalidObjectDefinition
from sqlvec.core.policy import Policy
from sqlvec.core.schema import Table

from ..parse import parse_expression
from .binder import Binder
from .coerce import as_boolean
from .scope import RangeEntry, Scope, ScopeColumn
from .typed import Node, call, quoted

GUARD = "sqlvec_guard"  # mark on a bound exp.Subquery: its Guard
_NO_LIMIT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Guard:
    """The rows of a table that are there for whoever asks: those under `alias` that pass the predicate."""

    table: Table
    alias: str
    predicate: Node


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """A condition on rows about to be written, which see themselves under `alias`.

    `name` is that of a restrictive policy. `is_using` is about a row that is there already.
    """

    predicate: Node
    alias: str
    name: str | None = None
    is_using: bool = False


def is_guarded(binder: Binder, table: Table) -> bool:
    """Whether policies concern whoever acts here; 42501 where row_security says to fail rather."""
    return table.row_security and binder.catalog.is_guarded(table, binder.acting)


def guarded_rows(binder: Binder, table: Table, alias: str) -> Node:
    """The table of a FROM item, as far as SELECT may see it."""
    return _subquery(table, alias, visible(binder, table, ("SELECT",)))


def guarded_target(table: Table, alias: str) -> exp.Subquery:
    """The target of UPDATE or DELETE: no rows, until `open_target` knows which policies count."""
    return _subquery(table, alias, exp.false())


def open_target(binder: Binder, target: Node, table: Table, command: str) -> None:
    """Whoever reads columns besides writing rows must be allowed to see them, too."""
    if not isinstance(target, exp.Subquery) or GUARD not in target.meta:
        return
    commands = (command, "SELECT") if binder.written is not None and binder.written.selected else (command,)
    predicate = visible(binder, table, commands)
    target.this.set("where", exp.Where(this=predicate))
    target.meta[GUARD] = Guard(table, table.name, predicate)


def _subquery(table: Table, alias: str, predicate: Node) -> exp.Subquery:
    source = exp.Table(this=quoted(table.storage_name), alias=exp.TableAlias(this=quoted(table.name)))
    rows = exp.Select(expressions=[exp.Star()]).from_(source)
    rows.set("where", exp.Where(this=predicate))
    rows.set("limit", exp.Limit(expression=exp.Literal.number(_NO_LIMIT)))
    bound = exp.Subquery(this=rows, alias=exp.TableAlias(this=quoted(alias)))
    bound.meta[GUARD] = Guard(table, table.name, predicate)
    return bound


def visible(binder: Binder, table: Table, commands: Iterable[str]) -> Node:
    """For each command: one of the permissive policies, and all of the restrictive ones. None is no row."""
    conditions: list[Node] = []
    for command in commands:
        permissive, restrictive = binder.catalog.policies(table, binder.acting, command)
        conditions.append(_any_of([_bound(binder, table, p, p.using) for p in permissive]))
        conditions += [_bound(binder, table, p, p.using) for p in restrictive]
    return _all_of(conditions)


def insert_checks(binder: Binder, table: Table) -> tuple[PolicyCheck, ...]:
    """What new rows must pass; those that are read again must be visible as well."""
    if not is_guarded(binder, table):
        return ()
    return (*_checks(binder, table, "INSERT"), *_select_checks(binder, table))


def update_checks(binder: Binder, table: Table) -> tuple[PolicyCheck, ...]:
    if not is_guarded(binder, table):
        return ()
    return (*_checks(binder, table, "UPDATE"), *_select_checks(binder, table))


def conflict_checks(binder: Binder, table: Table) -> tuple[PolicyCheck, ...]:
    """What a row in the way of ON CONFLICT DO UPDATE must pass: it is an error if it is hidden."""
    if not is_guarded(binder, table):
        return ()
    checks = (
        *_checks(binder, table, "UPDATE", uses_using=True),
        *_checks(binder, table, "SELECT", uses_using=True),
    )
    return tuple(replace(check, is_using=True) for check in checks)


def _select_checks(binder: Binder, table: Table) -> tuple[PolicyCheck, ...]:
    if binder.written is None or not binder.written.selected:
        return ()
    return _checks(binder, table, "SELECT", uses_using=True)


def _checks(
    binder: Binder, table: Table, command: str, *, uses_using: bool = False
) -> tuple[PolicyCheck, ...]:
    """One of the permissive policies' conditions, and each of the restrictive ones."""
    permissive, restrictive = binder.catalog.policies(table, binder.acting, command)

    def bound(policy: Policy) -> Node:
        text = policy.using if uses_using else policy.check or policy.using
        return _bound(binder, table, policy, text)

    return (
        PolicyCheck(_any_of([bound(policy) for policy in permissive]), table.name),
        *(PolicyCheck(bound(policy), table.name, policy.name) for policy in restrictive),
    )


def _bound(binder: Binder, table: Table, policy: Policy, text: str | None) -> Node:
    """A policy's expression over the table under its own name; in the search path of the policy's maker."""
    if text is None:
        return exp.true()
    if table.oid in binder.guarding:
        raise InvalidObjectDefinition(f'infinite recursion detected in policy for relation "{table.name}"')
    columns = tuple(ScopeColumn(c.name, c.type, c.typmod, table.oid, c.number) for c in table.columns)
    scope = Scope(entries=[RangeEntry(table.name, columns, schema=table.schema)])
    before = binder.catalog, binder.text
    binder.guarding.add(table.oid)
    binder.catalog, binder.text = binder.catalog.inside(policy.search_path), text
    try:
        value = as_boolean(binder, binder.expression(parse_expression(text), scope), "POLICY")
    finally:
        binder.catalog, binder.text = before
        binder.guarding.discard(table.oid)
    # Parenthesised and never NULL: a row is visible when its policies say true.
    return call("coalesce", value.node, exp.false())


def _any_of(conditions: list[Node]) -> Node:
    joined: Node = exp.false()
    for number, condition in enumerate(conditions):
        joined = exp.Or(this=joined, expression=condition) if number else condition
    return exp.Paren(this=joined)


def _all_of(conditions: list[Node]) -> Node:
    joined = conditions[0]
    for condition in conditions[1:]:
        joined = exp.And(this=joined, expression=condition)
    return joined
