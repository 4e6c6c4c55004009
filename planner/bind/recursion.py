"""Recursion: which forms of WITH RECURSIVE are recursive, and allowed."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import InvalidRecursion

from .aggregate_nodes import is_aggregate
from .typed import Node, position_of


def is_recursive(query: Node, name: str) -> bool:
    return bool(_references(query, name))


def check_recursion(query: exp.SetOperation, name: str) -> None:
    """42P19 as PostgreSQL words it; DuckDB would run some of these for ever."""
    if not isinstance(query, exp.Union) or _references(query.this, name):
        raise not_recursive_form(name)
    found = _references(query.expression, name)
    if len(found) > 1:
        raise InvalidRecursion(
            f'recursive reference to query "{name}" must not appear more than once',
            position=position_of(found[1]),
        )
    if any(
        is_aggregate(item)
        for select in _own(query.expression)
        for item in select.expressions
        for item in item.walk()
    ):
        raise InvalidRecursion("aggregate functions are not allowed in a recursive query's recursive term")


def not_recursive_form(name: str) -> InvalidRecursion:
    return InvalidRecursion(
        f'recursive query "{name}" does not have the form non-recursive-term UNION [ALL] recursive-term'
    )


def _references(query: Node, name: str) -> list[exp.Table]:
    return [
        found
        for found in query.find_all(exp.Table)
        if not found.args.get("db") and isinstance(found.this, exp.Identifier) and found.name.lower() == name
    ]


def _own(query: Node) -> list[exp.Select]:
    """The query's own SELECT; aggregates in subqueries are their own matter."""
    return [query] if isinstance(query, exp.Select) else []
