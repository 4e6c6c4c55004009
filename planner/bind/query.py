"""Queries: SELECT, set operations, VALUES and WITH, bound level by level."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import (
    AmbiguousColumn,
    DuplicateAlias,
    FeatureNotSupported,
    InvalidColumnReference,
    InvalidRowCountInLimitClause,
    InvalidRowCountInOffsetClause,
    SqlSyntaxError,
)
from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import as_boolean, as_integer, settle, unify
from .from_items import bind_from, expand_star
from .grouping import bind_group, by_position, check_grouping, group_key, is_bare_name
from .locking import bind_locks, check_locks, refuse_locks_in_branch
from .names import output_name
from .primaries import fold
from .recursion import check_recursion, is_recursive, not_recursive_form
from .scope import BoundQuery, Scope, ScopeColumn
from .shadowing import rename_items
from .typed import INT8, JSONB, TEXT, UNKNOWN, Node, Typed, cast, position_of, quoted
from .value_comparison import jsonb_key
from .windows import bind_window


def bind_query(binder: Binder, tree: Node, parent: Scope | None) -> BoundQuery:
    check_locks(tree)
    scope = Scope(parent=parent)
    with_ = tree.args.get("with_") or tree.args.get("with")
    if with_ is not None:
        bind_ctes(binder, with_, scope)
    if isinstance(tree, exp.Subquery) and not tree.args.get("alias"):
        bound = _bind_wrapped(binder, tree, scope)
    elif isinstance(tree, exp.Select):
        bound = _bind_select(binder, tree, scope)
    elif isinstance(tree, exp.SetOperation):
        bound = _bind_set_operation(binder, tree, scope)
    elif isinstance(tree, exp.Values):
        bound = _bind_values(binder, tree, scope)
    elif isinstance(tree, exp.Table):
        bound = bind_query(binder, exp.select("*").from_(tree.copy()), scope)
    else:
        raise binder.unsupported(tree)
    if scope.shadowed:
        rename_items(bound.tree, scope.shadowed)
    return replace(bound, is_correlated=scope.used_outer)


def _bind_wrapped(binder: Binder, tree: exp.Subquery, scope: Scope) -> BoundQuery:
    """(query) ORDER BY ... LIMIT ..."""
    inner = bind_query(binder, tree.this, scope)
    tree.set("this", inner.tree)
    _bind_tail(binder, tree, scope, inner.columns)
    return BoundQuery(tree, inner.columns)


def bind_ctes(binder: Binder, with_: Node, scope: Scope) -> None:
    search = with_.args.get("search")
    if search is not None:
        kind = str(search.args.get("kind") or "")
        raise FeatureNotSupported(f"{'CYCLE' if kind.upper() == 'CYCLE' else 'SEARCH'} is not supported")
    for item in with_.expressions:
        name = fold(item.args["alias"].this)
        if name in scope.ctes:
            raise DuplicateAlias(
                f'WITH query name "{name}" specified more than once', position=position_of(item.args["alias"])
            )
        names = [fold(column) for column in item.args["alias"].args.get("columns") or []]
        query = item.this
        if isinstance(query, (exp.Insert, exp.Update, exp.Delete)):
            raise FeatureNotSupported(
                "data-modifying statements in WITH are not supported", position=position_of(item)
            )
        if with_.args.get("recursive") and is_recursive(query, name):
            if not isinstance(query, exp.SetOperation):
                raise not_recursive_form(name)
            bound = _bind_recursive(binder, query, scope, name, names)
        else:
            bound = bind_query(binder, query, scope)
        if len(names) > len(bound.columns):
            raise InvalidColumnReference(
                f'WITH query "{name}" has {len(bound.columns)} columns available but '
                f"{len(names)} columns specified"
            )
        columns = _renamed(bound.columns, names)
        item.set("this", bound.tree)
        item.set(
            "alias", exp.TableAlias(this=quoted(name), columns=[quoted(column.name) for column in columns])
        )
        scope.ctes[name] = columns


def _bind_recursive(
    binder: Binder, query: exp.SetOperation, scope: Scope, name: str, names: list[str]
) -> BoundQuery:
    """The first branch gives the names and types; only then does the second see the CTE."""
    check_recursion(query, name)
    first = bind_query(binder, query.this, scope)
    scope.ctes[name] = _renamed(first.columns, names)
    second = bind_query(binder, query.expression, scope)
    _same_width(query, first, second)
    tree = type(query)(this=first.tree, expression=second.tree, distinct=query.args.get("distinct"))
    return BoundQuery(tree, first.columns)


def _renamed(columns: tuple[ScopeColumn, ...], names: list[str]) -> tuple[ScopeColumn, ...]:
    fresh = [*names, *(column.name for column in columns[len(names) :])]
    return tuple(
        ScopeColumn(new, column.type, column.typmod) for new, column in zip(fresh, columns, strict=False)
    )


def _bind_select(binder: Binder, tree: exp.Select, scope: Scope) -> BoundQuery:
    if tree.args.get("into"):
        raise FeatureNotSupported("SELECT INTO is not allowed here", position=position_of(tree))
    bind_from(binder, tree, scope)
    where = tree.args.get("where")
    if where is not None:
        where.set("this", as_boolean(binder, binder.expression(where.this, scope), "WHERE").node)
    originals = expand_star(tree.expressions, scope)
    outputs = [_output(binder, item, scope) for item in originals]
    columns = tuple(column for _, column in outputs)
    names = [column.name for column in columns]
    bind_group(binder, tree, scope, originals, names)
    having = tree.args.get("having")
    if having is not None:
        having.set("this", as_boolean(binder, binder.expression(having.this, scope), "HAVING").node)
    _bind_distinct(binder, tree, scope, originals, names)
    # PostgreSQL knows rows without columns, DuckDB does not.
    nothing: list[Node] = [exp.Alias(this=exp.true(), alias=quoted("none"))]
    tree.set("expressions", [node for node, _ in outputs] or nothing)
    _bind_windows(binder, tree, scope)
    _bind_order(binder, tree, scope, names, originals)
    if tree.args.get("distinct") is None:
        _order_documents(binder, tree, scope, originals, columns)
    _check_distinct(tree)
    _bind_limits(binder, tree, scope)
    check_grouping(binder, tree, scope)
    return bind_locks(binder, tree, scope, BoundQuery(tree, columns))


def _check_distinct(tree: exp.Select) -> None:
    distinct, order = tree.args.get("distinct"), tree.args.get("order")
    if distinct is None or order is None:
        return
    keys = [item.this for item in order.expressions]
    outputs = [item.this for item in tree.expressions]
    on = distinct.args.get("on")
    if on is None:
        if any(not isinstance(key, exp.Literal) and key not in outputs for key in keys):
            raise InvalidColumnReference(
                "for SELECT DISTINCT, ORDER BY expressions must appear in select list"
            )
        return
    sorted_by = [outputs[int(key.this) - 1] if isinstance(key, exp.Literal) else key for key in keys]
    if any(key not in on.expressions for key in sorted_by[: len(on.expressions)]):
        raise InvalidColumnReference("SELECT DISTINCT ON expressions must match initial ORDER BY expressions")


def _output(binder: Binder, item: Node, scope: Scope) -> tuple[Node, ScopeColumn]:
    name = fold(item.args["alias"]) if isinstance(item, exp.Alias) else output_name(item)
    inner = item.this if isinstance(item, exp.Alias) else item
    value = settle(binder, binder.expression(inner.copy(), scope))
    column = ScopeColumn(name, value.type, value.typmod, value.table_oid, value.attribute)
    return exp.Alias(this=value.node, alias=quoted(name)), column


def _bind_distinct(
    binder: Binder, tree: exp.Select, scope: Scope, originals: list[Node], names: list[str]
) -> None:
    distinct = tree.args.get("distinct")
    on = distinct.args.get("on") if distinct is not None else None
    if distinct is None or on is None:
        return
    items = on.expressions if isinstance(on, exp.Tuple) else [on]
    on_nodes = [group_key(binder, item, scope, originals, names) for item in items]
    distinct.set("on", exp.Tuple(expressions=on_nodes))


def _bind_windows(binder: Binder, tree: exp.Select, scope: Scope) -> None:
    for item in tree.args.get("windows") or []:
        bind_window(binder, item, scope)


def _bind_order(binder: Binder, tree: Node, scope: Scope, names: list[str], originals: list[Node]) -> None:
    order = tree.args.get("order")
    if order is None:
        return
    for item in order.expressions:
        inner = item.this
        if by_position(inner, originals or [inner] * len(names), "ORDER BY") is not None:
            continue
        if is_bare_name(inner) and fold(inner.this) in names:
            item.set("this", exp.Literal.number(_named_output(inner, names, originals) + 1))
            continue
        value = settle(binder, binder.expression(inner, scope))
        item.set("this", jsonb_key(value.node) if value.is_type(JSONB) else value.node)


def _named_output(node: Node, names: list[str], originals: list[Node]) -> int:
    """The place of the output column that a name means; several are one if they say the same."""
    name = fold(node.this)
    places = [index for index, each in enumerate(names) if each == name]
    values = [originals[place] for place in places] if originals else []
    expressions = [value.this if isinstance(value, exp.Alias) else value for value in values]
    if len(places) > 1 and (not originals or any(value != expressions[0] for value in expressions)):
        raise AmbiguousColumn(f'ORDER BY "{name}" is ambiguous', position=position_of(node))
    return places[0]


def _order_documents(
    binder: Binder, tree: Node, scope: Scope, originals: list[Node], columns: tuple[ScopeColumn, ...]
) -> None:
    """Output columns of jsonb sort by their key, which a position cannot say."""
    order = tree.args.get("order")
    for item in order.expressions if order is not None else ():
        if not isinstance(item.this, exp.Literal) or item.this.is_string:
            continue
        place = int(item.this.this) - 1
        kind = columns[place].type
        if kind is not None and kind.oid == JSONB.oid:
            original = originals[place]
            inner = original.this if isinstance(original, exp.Alias) else original
            item.set("this", jsonb_key(binder.expression(inner.copy(), scope).node))


def _bind_limits(binder: Binder, tree: Node, scope: Scope) -> None:
    limit = tree.args.get("limit")
    if isinstance(limit, exp.Fetch):
        count = limit.args.get("count") or exp.Literal.number(1)
        if limit.args.get("limit_options") and limit.args["limit_options"].args.get("with_ties"):
            raise FeatureNotSupported("FETCH ... WITH TIES is not supported")
        limit = exp.Limit(expression=count)
        tree.set("limit", limit)
    if limit is not None:
        limit.set("expression", _limit_value(binder, limit.expression, scope, "LIMIT"))
        if isinstance(limit.expression, exp.Null):
            tree.set("limit", None)
    offset = tree.args.get("offset")
    if offset is not None:
        offset.set("expression", _limit_value(binder, offset.expression, scope, "OFFSET"))


def _limit_value(binder: Binder, node: Node, scope: Scope, clause: str) -> Node:
    if isinstance(node, exp.Null) or (isinstance(node, (exp.Column, exp.Var)) and node.name.lower() == "all"):
        return exp.Null()
    inner = node.this if isinstance(node, exp.Neg) else node
    if isinstance(node, exp.Neg) and isinstance(inner, exp.Literal):
        kind = InvalidRowCountInLimitClause if clause == "LIMIT" else InvalidRowCountInOffsetClause
        raise kind(f"{clause} must not be negative")
    value = as_integer(binder, binder.expression(node, scope), clause)
    return (
        value.node
        if isinstance(value.node, exp.Literal)
        else (value.node if value.is_type(INT8) else cast(value.node, "BIGINT"))
    )


def _bind_set_operation(binder: Binder, tree: exp.SetOperation, scope: Scope) -> BoundQuery:
    refuse_locks_in_branch(tree.expression)
    left = bind_query(binder, tree.this, scope)
    right = bind_query(binder, tree.expression, scope)
    _same_width(tree, left, right)
    columns: list[ScopeColumn] = []
    casts: list[PgType | None] = []
    label = type(tree).__name__.upper()
    for index, (a, b) in enumerate(zip(left.columns, right.columns, strict=True)):
        sides = [branch_value(left, index), branch_value(right, index)]
        resolved, kind = unify(binder, sides, label)
        for bound, side, value in zip((left, right), sides, resolved, strict=True):
            if side.is_open:
                bound.tree.expressions[index].set("this", value.node)
        columns.append(ScopeColumn(a.name, kind, a.typmod if a.typmod == b.typmod else -1))
        casts.append(kind)
    tree.set("this", _branch(left, casts))
    tree.set("expression", _branch(right, casts))
    _bind_tail(binder, tree, scope, tuple(columns))
    return BoundQuery(tree, tuple(columns))


def branch_value(bound: BoundQuery, index: int) -> Typed:
    """A branch's column; a quoted literal or NULL there is still open to the other branch's type."""
    column = bound.columns[index]
    item = bound.tree.expressions[index] if isinstance(bound.tree, exp.Select) else None
    inner = item.this if isinstance(item, exp.Alias) else None
    if isinstance(inner, exp.Literal) and inner.is_string and column.type is TEXT:
        return Typed(inner, UNKNOWN, literal=inner.name)
    if isinstance(inner, exp.Cast) and isinstance(inner.this, exp.Null) and column.type is TEXT:
        return Typed(exp.Null(), UNKNOWN)
    return Typed(exp.Null(), column.type, column.typmod)


def _branch(bound: BoundQuery, casts: list[PgType | None]) -> Node:
    """Cast a branch's columns where the common type differs; keep its own ORDER BY inside parentheses."""
    tree = bound.tree
    if any(
        kind is not None and column.type is not None and kind.oid != column.type.oid
        for kind, column in zip(casts, bound.columns, strict=True)
    ):
        items: list[Node] = []
        for kind, column in zip(casts, bound.columns, strict=True):
            source: Node = exp.Column(this=quoted(column.name), table=quoted("__branch"))
            if kind is not None and column.type is not None and kind.oid != column.type.oid:
                source = cast(source, kind.duckdb)
            items.append(exp.Alias(this=source, alias=quoted(column.name)))
        wrapped = exp.Subquery(this=tree, alias=exp.TableAlias(this=quoted("__branch")))
        return exp.Select(expressions=items).from_(wrapped)
    if isinstance(tree, (exp.Select, exp.SetOperation)) and (
        tree.args.get("order") or tree.args.get("limit") or isinstance(tree, exp.SetOperation)
    ):
        return exp.Subquery(this=tree)
    return tree


def _same_width(tree: Node, left: BoundQuery, right: BoundQuery) -> None:
    if len(left.columns) != len(right.columns):
        label = type(tree).__name__.upper()
        raise SqlSyntaxError(
            f"each {label} query must have the same number of columns", position=position_of(right.tree)
        )


def _bind_tail(binder: Binder, tree: Node, scope: Scope, columns: tuple[ScopeColumn, ...]) -> None:
    """ORDER BY, LIMIT, OFFSET behind a set operation see the output columns only."""
    names = [column.name for column in columns]
    _bind_order(binder, tree, scope, names, [])
    _bind_limits(binder, tree, scope)


def _bind_values(binder: Binder, tree: exp.Values, scope: Scope) -> BoundQuery:
    rows = [item.expressions if isinstance(item, exp.Tuple) else [item] for item in tree.expressions]
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        raise SqlSyntaxError("VALUES lists must all be the same length", position=position_of(tree))
    bound = [[binder.expression(item, scope) for item in row] for row in rows]
    columns: list[ScopeColumn] = []
    for index in range(widths.pop()):
        values, kind = unify(binder, [row[index] for row in bound], "VALUES")
        for row, value in zip(bound, values, strict=True):
            row[index] = value
        typmods = {value.typmod for value in values}
        columns.append(ScopeColumn(f"column{index + 1}", kind, typmods.pop() if len(typmods) == 1 else -1))
    tuples = [exp.Tuple(expressions=[value.node for value in row]) for row in bound]
    source = exp.Values(
        expressions=tuples,
        alias=exp.TableAlias(this=quoted("__values"), columns=[quoted(c.name) for c in columns]),
    )
    select = exp.Select(
        expressions=[exp.Column(this=quoted(c.name), table=quoted("__values")) for c in columns]
    ).from_(source)
    for key in ("order", "limit", "offset"):
        if tree.args.get(key) is not None:
            select.set(key, tree.args[key])
    _bind_tail(binder, select, scope, tuple(columns))
    return BoundQuery(select, tuple(columns))
