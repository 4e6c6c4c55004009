"""FOR UPDATE, FOR SHARE: the query becomes one of its own, which runs first and locks its rows."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import FeatureNotSupported, SqlSyntaxError, UndefinedTable
from sqlvec.core.schema import RID, Table

from .aggregate_nodes import own_aggregates
from .binder import Binder
from .primaries import fold
from .row_locks import LockedTable, LockingQuery, RowLockStrength, WhenLocked
from .scope import BoundQuery, RangeEntry, Scope
from .typed import Node, position_of, quoted

_STRENGTHS = {
    (True, False): RowLockStrength.UPDATE,
    (True, True): RowLockStrength.NO_KEY_UPDATE,
    (False, False): RowLockStrength.SHARE,
    (False, True): RowLockStrength.KEY_SHARE,
}
_NULLABLE_SIDES = {"LEFT": "right", "RIGHT": "left", "FULL": "both"}


def locks_of(tree: Node) -> list[Node]:
    return tree.args.get("locks") or []


def check_locks(tree: Node) -> None:
    """Refuse what has no rows of a table to lock; before the query is bound."""
    locks = locks_of(tree)
    if not locks:
        return
    words = f"FOR {_strength(locks[0]).value}"
    if isinstance(tree, exp.SetOperation):
        raise FeatureNotSupported(f"{words} is not allowed with UNION/INTERSECT/EXCEPT")
    if isinstance(tree, exp.Values):
        raise FeatureNotSupported(f"{words} cannot be applied to VALUES")
    for clause, name in (("distinct", "DISTINCT"), ("group", "GROUP BY"), ("having", "HAVING")):
        if tree.args.get(clause) is not None:
            raise FeatureNotSupported(f"{words} is not allowed with {name} clause")
    for item in tree.expressions:
        if own_aggregates(item):
            raise FeatureNotSupported(f"{words} is not allowed with aggregate functions")
        if item.find(exp.Window) is not None:
            raise FeatureNotSupported(f"{words} is not allowed with window functions")


def refuse_locks_in_branch(branch: Node) -> None:
    """The parser hangs the clause of a set operation on its last branch."""
    for lock in locks_of(branch):
        raise FeatureNotSupported(f"FOR {_strength(lock).value} is not allowed with UNION/INTERSECT/EXCEPT")


def bind_locks(binder: Binder, tree: exp.Select, scope: Scope, bound: BoundQuery) -> BoundQuery:
    """Take a bound SELECT out of its place and leave its locked rows there."""
    locks = locks_of(tree)
    tables = _locked_tables(tree, locks, scope)
    if not tables:
        tree.set("locks", None)
        return bound
    if scope.used_outer:
        raise FeatureNotSupported(
            f"FOR {_strength(locks[0]).value} is not supported in correlated subqueries"
        )
    limit, offset = (tree.args.get(clause) for clause in ("limit", "offset"))
    for clause in ("limit", "offset", "locks"):
        tree.set(clause, None)
    names = tuple(f"c{number}" for number in range(len(tree.expressions)))
    originals = [item.alias for item in tree.expressions]
    for item, name in zip(tree.expressions, names, strict=True):
        item.set("alias", quoted(name))
    for alias, table in tables.items():
        rid = exp.column(quoted(RID), table=quoted(alias))
        tree.append("expressions", exp.Alias(this=rid, alias=quoted(table.rid)))
    query = LockingQuery(
        len(binder.locking) + 1,
        tree,
        names,
        tuple(tables.values()),
        limit.expression if limit is not None else None,
        offset.expression if offset is not None else None,
    )
    binder.locking.append(query)
    outputs = [
        exp.Alias(this=exp.column(quoted(name)), alias=quoted(item))
        for name, item in zip(names, originals, strict=True)
    ]
    rows = exp.Select(expressions=outputs).from_(exp.Table(this=quoted(query.storage_name)))
    return replace(bound, tree=rows)


def _locked_tables(tree: exp.Select, locks: list[Node], scope: Scope) -> dict[str, LockedTable]:
    """By alias; the strongest of several clauses counts."""
    found: dict[str, LockedTable] = {}
    nullable = _nullable(tree, scope)
    for lock in locks:
        strength, when = _strength(lock), _when(lock)
        for entry, table in _targets(lock, strength, scope):
            if entry.alias in nullable:
                raise FeatureNotSupported(
                    f"FOR {strength.value} cannot be applied to the nullable side of an outer join"
                )
            known = found.get(entry.alias)
            if known is not None and list(RowLockStrength).index(known.strength) > list(
                RowLockStrength
            ).index(strength):
                continue
            if entry.access is not None and "w" not in entry.access.required:
                entry.access.required += "w"
            rid = f"sqlvec_rid_{scope.entries.index(entry)}"
            found[entry.alias] = LockedTable(table.oid, table.name, rid, strength, when)
    return found


def _targets(lock: Node, strength: RowLockStrength, scope: Scope) -> list[tuple[RangeEntry, Table]]:
    if not lock.expressions:
        whole = [(entry, entry.table) for entry in scope.entries if entry.table is not None]
        if any(entry.is_query for entry in scope.entries):
            raise FeatureNotSupported(f"FOR {strength.value} is not supported over views and subqueries")
        return [(entry, table) for entry, table in whole if table is not None]
    found: list[tuple[RangeEntry, Table]] = []
    for item in lock.expressions:
        if item.args.get("db"):
            raise SqlSyntaxError(
                f"FOR {strength.value} must specify unqualified relation names", position=position_of(item)
            )
        name = fold(item.this)
        entry = scope.entry(name)
        if entry is None:
            raise UndefinedTable(
                f'relation "{name}" in FOR {strength.value} clause not found in FROM clause',
                position=position_of(item),
            )
        if entry.table is None:
            raise FeatureNotSupported(f"FOR {strength.value} cannot be applied to {name}")
        found.append((entry, entry.table))
    return found


def _nullable(tree: exp.Select, scope: Scope) -> set[str]:
    """Aliases whose rows an outer join may make up."""
    found: set[str] = set()
    seen: list[str] = []
    from_ = tree.args.get("from_") or tree.args.get("from")
    if from_ is not None:
        seen += _aliases(from_.this)
    for join in tree.args.get("joins") or []:
        side = _NULLABLE_SIDES.get((join.args.get("side") or "").upper())
        right = _aliases(join.this)
        if side in ("right", "both"):
            found.update(right)
        if side in ("left", "both"):
            found.update(seen)
        seen += right
    return found


def _aliases(item: Node) -> list[str]:
    return [
        node.alias_or_name
        for node in item.walk()
        if isinstance(node, (exp.Table, exp.Subquery)) and node.alias_or_name
    ]


def _strength(lock: Node) -> RowLockStrength:
    return _STRENGTHS[bool(lock.args.get("update")), bool(lock.args.get("key"))]


def _when(lock: Node) -> WhenLocked:
    match lock.args.get("wait"):
        case True:
            return WhenLocked.FAIL
        case False:
            return WhenLocked.SKIP
        case _:
            return WhenLocked.WAIT
