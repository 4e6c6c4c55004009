"""Range entries: FROM items put into the scope under their alias."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    DuplicateAlias,
)

from .primaries import fold
from .scope import RangeEntry, Scope, ScopeColumn
from .typed import Node, position_of, quoted


def add_entry(scope: Scope, entry: RangeEntry, node: Node) -> None:
    if scope.entry(entry.alias) is not None:
        raise DuplicateAlias(
            f'table name "{entry.alias}" specified more than once', position=position_of(node)
        )
    scope.entries.append(entry)


def alias_of(node: Node) -> tuple[str | None, list[str]]:
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return None, []
    name = fold(alias.this) if alias.this is not None else None
    columns = [
        fold(item if isinstance(item, exp.Identifier) else item.this)
        for item in alias.args.get("columns") or []
    ]
    return name, columns


def renamed(columns: tuple[ScopeColumn, ...], names: list[str]) -> tuple[ScopeColumn, ...]:
    fresh = [*names, *(column.name for column in columns[len(names) :])]
    return tuple(
        ScopeColumn(new, c.type, c.typmod, c.table_oid, c.attribute)
        for new, c in zip(fresh, columns, strict=False)
    )


def table_alias(name: str, columns: tuple[ScopeColumn, ...] = ()) -> exp.TableAlias:
    return exp.TableAlias(this=quoted(name), columns=[quoted(column.name) for column in columns])
