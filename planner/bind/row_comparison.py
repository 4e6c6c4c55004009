"""Row comparison: (a, b) = (c, d) field by field, so that NULL fields count as in SQL.

DuckDB compares rows as values, in which NULL equals NULL. PostgreSQL does that only where no row is
spelled out, as between two whole rows of tables.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import FeatureNotSupported, SqlSyntaxError

from .binder import Binder
from .scope import BoundQuery, Scope
from .typed import BOOL, Node, Typed, paren, position_of, quoted
from .value_comparison import aligned, compared

_ROW = "__row"
_STRICT: dict[type[exp.Binary], type[exp.Binary]] = {
    exp.LT: exp.LT,
    exp.LTE: exp.LT,
    exp.GT: exp.GT,
    exp.GTE: exp.GT,
}


def spelled_row(binder: Binder, node: Node, scope: Scope) -> Typed:
    """ROW(a, b) or (a, b) as its fields only, whose open literals wait for the other side."""
    while isinstance(node, exp.Paren):
        node = node.this
    values = [binder.expression(item, scope) for item in node.expressions]
    return Typed(exp.Null(), None, fields=named_fields(values))


def named_fields(values: list[Typed]) -> tuple[tuple[str, Typed], ...]:
    """The fields of a row that is spelled out: f1, f2, ..."""
    return tuple((f"f{index}", value) for index, value in enumerate(values, 1))


def compare_rows(
    binder: Binder, kind: type[exp.Binary], left: Typed, right: Typed, position: int | None
) -> Typed:
    """Two rows that are spelled out."""
    return Typed(exp.Paren(this=_fields_compared(binder, kind, left, right, position)), BOOL)


def _fields_compared(
    binder: Binder, kind: type[exp.Binary], left: Typed, right: Typed, position: int | None
) -> Node:
    pairs = _pairs(left, right, position)
    if kind in _STRICT:
        return _ordered(binder, kind, pairs, position)
    if kind in (exp.NullSafeEQ, exp.NullSafeNEQ):
        sides = [aligned(binder, kind, a, b, position) for a, b in pairs]
        tests: list[Node] = [kind(this=paren(a.node), expression=paren(b.node)) for a, b in sides]
    else:
        tests = [compared(binder, kind, a, b, position) for a, b in pairs]
    join = exp.or_ if kind in (exp.NEQ, exp.NullSafeNEQ) else exp.and_
    return _only(join(*tests, copy=False))


def _ordered(
    binder: Binder, kind: type[exp.Binary], pairs: list[tuple[Typed, Typed]], position: int | None
) -> Node:
    """The first pair that is not equal decides: a < c OR (a = c AND (b < d OR ...))."""
    found = compared(binder, kind, *pairs[-1], position)
    for pair in pairs[-2::-1]:
        first = compared(binder, _STRICT[kind], *pair, position)
        equal = exp.EQ(this=first.this.copy(), expression=first.expression.copy())
        found = _only(exp.or_(first, exp.and_(equal, exp.Paren(this=found), copy=False), copy=False))
    return found


def _pairs(left: Typed, right: Typed, position: int | None) -> list[tuple[Typed, Typed]]:
    assert left.fields is not None
    assert right.fields is not None
    if len(left.fields) != len(right.fields):
        raise SqlSyntaxError("unequal number of entries in row expressions", position=position)
    if not left.fields:
        raise FeatureNotSupported("cannot compare rows of zero length", position=position)
    return [
        (replace(a, node=a.node.copy()), replace(b, node=b.node.copy()))
        for (_, a), (_, b) in zip(left.fields, right.fields, strict=True)
    ]


def row_in_list(binder: Binder, node: Node, left: Typed, items: list[Typed], position: int | None) -> Typed:
    """(a, b) IN ((1, 2), (3, 4)). DuckDB is fast with long lists, and wrong where a NULL is met."""
    matches = _in_tuples(binder, left, items, position)
    if matches is not None and _only_truth_counts(node):
        return Typed(exp.Paren(this=exp.and_(*_present(left), matches, copy=False)), BOOL)
    tests = [exp.Paren(this=_fields_compared(binder, exp.EQ, left, item, position)) for item in items]
    each = exp.Paren(this=_only(exp.or_(*tests, copy=False)))
    if matches is None or not all(_is_constant(field.node) for item in items for field in _values(item)):
        return Typed(each, BOOL)
    present = _only(exp.and_(*_present(left), copy=False))
    return Typed(exp.Case(ifs=[exp.If(this=present, true=matches)], default=each), BOOL)


def _in_tuples(binder: Binder, left: Typed, items: list[Typed], position: int | None) -> Node | None:
    """DuckDB's own IN; None where the left side has to be cast now this way, now that."""
    rows = [
        [aligned(binder, exp.EQ, *pair, position) for pair in _pairs(left, item, position)] for item in items
    ]
    lefts = [[a.node for a, _ in row] for row in rows]
    if any(other != lefts[0] for other in lefts[1:]):
        return None
    tuples = [exp.Tuple(expressions=[b.node for _, b in row]) for row in rows]
    return exp.In(this=exp.Tuple(expressions=lefts[0]), expressions=tuples)


def _values(row: Typed) -> list[Typed]:
    assert row.fields is not None
    return [value for _, value in row.fields]


def _present(row: Typed) -> list[Node]:
    """Conditions that no field is NULL."""
    return [
        exp.Not(this=exp.Is(this=paren(value.node.copy()), expression=exp.Null())) for value in _values(row)
    ]


def _is_constant(node: Node) -> bool:
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return isinstance(node, (exp.Literal, exp.Boolean))


def row_in_query(binder: Binder, node: Node, left: Typed, query: Node, scope: Scope) -> Typed:
    """(a, b) IN (SELECT ...). DuckDB finds the matches by a hash join, but not what is NULL rather than
    false, nor anything in a correlated query; so it does so only where that does not count.
    """
    position = position_of(query)
    bound = binder.query(query, scope)
    if bound.is_correlated or not _only_truth_counts(node):
        return _any_row(binder, exp.EQ, left, bound, position)
    right = _row_of(bound)
    _check_width(left, right, position)
    pairs = [aligned(binder, exp.EQ, a, b, position) for a, b in _pairs(left, right, position)]
    fields = exp.Select(expressions=[b.node for _, b in pairs]).from_(_as_row(bound))
    row: Node = exp.Tuple(expressions=[a.node for a, _ in pairs])
    matches = exp.In(this=row, query=exp.Subquery(this=fields))
    return Typed(exp.Paren(this=exp.and_(*_present(left), matches, copy=False)), BOOL)


def _only_truth_counts(node: Node) -> bool:
    """Whether a condition's NULL and its false come to the same: it filters, and nothing negates it."""
    parent = node.parent
    while isinstance(parent, (exp.And, exp.Or, exp.Paren)):
        parent = parent.parent
    return isinstance(parent, (exp.Where, exp.Having))


def row_any_query(
    binder: Binder,
    kind: type[exp.Binary],
    left: Typed,
    query: Node,
    scope: Scope,
    position: int | None,
    *,
    is_all: bool = False,
) -> Typed:
    """(a, b) = ANY (SELECT ...), < ALL (...): an aggregate over the comparisons with all rows."""
    return _any_row(binder, kind, left, binder.query(query, scope), position, is_all=is_all)


def _any_row(
    binder: Binder,
    kind: type[exp.Binary],
    left: Typed,
    bound: BoundQuery,
    position: int | None,
    *,
    is_all: bool = False,
) -> Typed:
    right = _row_of(bound)
    _check_width(left, right, position)
    found = _fields_compared(binder, kind, left, right, position)
    decisive: Node = exp.Not(this=exp.Paren(this=found.copy())) if is_all else found.copy()
    unknown = exp.Is(this=exp.Paren(this=found), expression=exp.Null())
    answer = exp.Case(
        ifs=[
            exp.If(this=exp.LogicalOr(this=decisive), true=exp.Boolean(this=not is_all)),
            exp.If(this=exp.LogicalOr(this=unknown), true=exp.Null()),
        ],
        default=exp.Boolean(this=is_all),
    )
    return Typed(exp.Subquery(this=exp.Select(expressions=[answer]).from_(_as_row(bound))), BOOL)


def row_with_query(
    binder: Binder, kind: type[exp.Binary], left: Typed, query: Node, scope: Scope, position: int | None
) -> Typed:
    """(a, b) = (SELECT x, y): the row of a query that gives one at most."""
    bound = binder.query(query, scope)
    right = _row_of(bound)
    _check_width(left, right, position)
    found = _fields_compared(binder, kind, left, right, position)
    return Typed(exp.Subquery(this=exp.Select(expressions=[found]).from_(_as_row(bound))), BOOL)


def _row_of(bound: BoundQuery) -> Typed:
    values = [
        Typed(exp.column(quoted(f"f{index}"), table=quoted(_ROW)), column.type, column.typmod)
        for index, column in enumerate(bound.columns, 1)
    ]
    return Typed(exp.Null(), None, fields=named_fields(values))


def _as_row(bound: BoundQuery) -> exp.Subquery:
    names = [quoted(f"f{index}") for index in range(1, len(bound.columns) + 1)]
    return exp.Subquery(this=bound.tree, alias=exp.TableAlias(this=quoted(_ROW), columns=names))


def _check_width(left: Typed, right: Typed, position: int | None) -> None:
    assert left.fields is not None
    assert right.fields is not None
    if len(left.fields) != len(right.fields):
        what = "few" if len(left.fields) > len(right.fields) else "many"
        raise SqlSyntaxError(f"subquery has too {what} columns", position=position)


def _only(node: exp.Expr) -> Node:
    assert isinstance(node, Node)
    return node
