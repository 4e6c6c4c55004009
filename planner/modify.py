"""INSERT, UPDATE and DELETE: bound into queries that yield the new or old rows, for the engine to write.

DuckDB never runs the client's DML itself: the engine takes the rows as Arrow, checks them with PostgreSQL's
constraints and messages, numbers them, writes them, and tells snapshots and indexes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from sqlvec.core.errors import (
    AmbiguousColumn,
    DatatypeMismatch,
    DuplicateColumn,
    FeatureNotSupported,
    GeneratedAlways,
    InvalidColumnReference,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedObject,
    WrongObjectType,
)
from sqlvec.core.schema import RID, Column, Table, UniqueConstraint
from sqlvec.core.types.pg_type import PgType

from .bind.binder import Binder
from .bind.coerce import as_boolean, convert, settle
from .bind.from_items import bind_item, expand_star, scope_columns
from .bind.names import output_name
from .bind.primaries import fold
from .bind.query import bind_ctes, bind_query
from .bind.scope import RangeEntry, Scope, ScopeColumn
from .bind.typed import NUMBERS, STRINGS, UNKNOWN, Node, Typed, cast, position_of, quoted
from .catalog import Catalog, SystemRelation
from .parse import parse_expression
from .plan import new_binder

NEW_ROWS = "sqlvec_new"  # what the engine registers: rows about to be written
OLD_ROWS = "sqlvec_old"  # INSERT ... ON CONFLICT: rows that are in the way


@dataclass(frozen=True, slots=True)
class Returning:
    """RETURNING: a query over NEW_ROWS, whose columns are the table's."""

    tree: Node
    columns: tuple[ScopeColumn, ...]


@dataclass(frozen=True, slots=True)
class RowRules:
    """What every new row must pass: expressions over NEW_ROWS."""

    generated: Mapping[str, Node] = field(default_factory=dict)
    checks: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class OnConflict:
    """ON CONFLICT. `constraint` None is any (DO NOTHING only); `assignments` None is DO NOTHING.

    Assignments and `where` are expressions over NEW_ROWS (excluded) and OLD_ROWS (the table's row).
    """

    constraint: UniqueConstraint | None
    assignments: Mapping[str, Node] | None
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class ModifyPlan:
    """What INSERT, UPDATE and DELETE have in common."""

    table: Table
    source: Node  # the query of the rows
    parameters: tuple[PgType, ...]
    system_relations: Mapping[str, SystemRelation]
    returning: Returning | None


@dataclass(frozen=True, slots=True)
class InsertPlan(ModifyPlan):
    """`source` yields every column in table order; `sequences` are those to number instead."""

    sequences: tuple[tuple[str, int], ...]
    rules: RowRules
    on_conflict: OnConflict | None


@dataclass(frozen=True, slots=True)
class UpdatePlan(ModifyPlan):
    """`source` yields the row id and `columns`: changed ones and those that rules or RETURNING read."""

    changed: frozenset[str]
    columns: tuple[str, ...]
    rules: RowRules


@dataclass(frozen=True, slots=True)
class DeletePlan(ModifyPlan):
    """`source` yields the row id, and all columns when there is a RETURNING."""


def plan_insert(tree: Node, catalog: Catalog, text: str, count: int, declared: tuple[PgType | None, ...]) -> InsertPlan:
    tree = tree.copy()
    binder = new_binder(catalog, text, count, declared)
    scope = Scope()
    _bind_with(binder, tree, scope)
    target, names = _insert_target(tree.this)
    table, alias = _target_table(binder, target)
    columns = _insert_columns(table, names, target)
    source = _insert_source(binder, tree, table, columns, scope)
    sequences = _omitted_sequences(table, columns)
    return InsertPlan(
        table,
        source,
        binder.parameters.types(),
        dict(binder.system_relations),
        _returning(binder, tree, table, alias),
        sequences,
        row_rules(catalog, table),
        _on_conflict(binder, tree, table, alias),
    )


def plan_update(tree: Node, catalog: Catalog, text: str, count: int, declared: tuple[PgType | None, ...]) -> UpdatePlan:
    tree = tree.copy()
    binder = new_binder(catalog, text, count, declared)
    scope = Scope()
    _bind_with(binder, tree, scope)
    table, alias = _target_table(binder, tree.this)
    bound_table = bind_item(binder, tree.this, scope)
    from_ = tree.args.get("from_") or tree.args.get("from")
    others = _bind_others(binder, [from_.this] if from_ is not None else [], scope)
    assignments = _assignments(binder, tree.expressions, table, scope)
    rules = row_rules(catalog, table)
    returning = _returning(binder, tree, table, alias)
    moves = any(column.is_vector for column in table.columns if column.name in assignments)
    everything = returning is not None or moves or bool(rules.generated) or bool(rules.checks)
    picked = tuple(c.name for c in table.columns if everything or c.name in assignments)
    items = [exp.Alias(this=exp.column(quoted(RID), table=quoted(alias)), alias=quoted(RID))]
    for name in picked:
        value = assignments.get(name) or exp.column(quoted(name), table=quoted(alias))
        items.append(exp.Alias(this=value, alias=quoted(name)))
    source = _rows_query(binder, tree, items, bound_table, others, scope)
    changed = frozenset(assignments) | frozenset(rules.generated)
    return UpdatePlan(
        table, source, binder.parameters.types(), dict(binder.system_relations), returning, changed, picked, rules
    )


def plan_delete(tree: Node, catalog: Catalog, text: str, count: int, declared: tuple[PgType | None, ...]) -> DeletePlan:
    tree = tree.copy()
    binder = new_binder(catalog, text, count, declared)
    scope = Scope()
    _bind_with(binder, tree, scope)
    table, alias = _target_table(binder, tree.this)
    bound_table = bind_item(binder, tree.this, scope)
    others = _bind_others(binder, tree.args.get("using") or [], scope)
    returning = _returning(binder, tree, table, alias)
    names = [RID, *(column.name for column in table.columns if returning is not None)]
    items = [exp.Alias(this=exp.column(quoted(n), table=quoted(alias)), alias=quoted(n)) for n in names]
    source = _rows_query(binder, tree, items, bound_table, others, scope)
    return DeletePlan(table, source, binder.parameters.types(), dict(binder.system_relations), returning)


def _bind_with(binder: Binder, tree: Node, scope: Scope) -> None:
    with_ = tree.args.get("with_") or tree.args.get("with")
    if with_ is not None:
        bind_ctes(binder, with_, scope)


def _target_table(binder: Binder, node: Node) -> tuple[Table, str]:
    schema = fold(node.args["db"]) if node.args.get("db") is not None else None
    name = fold(node.this)
    relation = binder.relation(schema, name, position_of(node))
    if not isinstance(relation, Table):
        kind = "view" if not isinstance(relation, SystemRelation) else "system catalog"
        raise WrongObjectType(f'cannot change {kind} "{name}"', position=position_of(node))
    binder.tables.add(relation.oid)
    alias = node.args.get("alias")
    return relation, (fold(alias.this) if alias is not None and alias.this is not None else name)


def _bind_others(binder: Binder, nodes: list[Node], scope: Scope) -> list[Node]:
    return [bind_item(binder, node, scope) for node in nodes]


def _rows_query(binder: Binder, tree: Node, items: list[Node], table: Node, others: list[Node], scope: Scope) -> Node:
    query = exp.Select(expressions=items).from_(table)
    for other in others:
        query = query.join(other, join_type="cross", copy=False) if not isinstance(other, exp.Lateral) else query.join(other, copy=False)
    where = tree.args.get("where")
    if where is not None:
        query.set("where", exp.Where(this=as_boolean(binder, binder.expression(where.this, scope), "WHERE").node))
    with_ = tree.args.get("with_") or tree.args.get("with")
    if with_ is not None:
        query.set("with_", with_)
    return query


# INSERT -----------------------------------------------------------------------------------------------


def _insert_target(node: Node) -> tuple[Node, list[Node]]:
    if isinstance(node, exp.Schema):
        return node.this, list(node.expressions)
    return node, []


def _insert_columns(table: Table, names: list[Node], target: Node) -> list[Column]:
    if not names:
        return list(table.columns)
    columns: list[Column] = []
    for node in names:
        name = fold(node if isinstance(node, exp.Identifier) else node.this)
        column = table.column(name)
        if column is None:
            raise UndefinedColumn(
                f'column "{name}" of relation "{table.name}" does not exist', position=position_of(node)
            )
        if column in columns:
            raise DuplicateColumn(f'column "{name}" specified more than once', position=position_of(node))
        columns.append(column)
    return columns


def _omitted_sequences(table: Table, given: list[Column]) -> tuple[tuple[str, int], ...]:
    names = {column.name for column in given}
    return tuple(
        (column.name, column.sequence_oid)
        for column in table.columns
        if column.sequence_oid is not None and column.name not in names
    )


def _insert_source(binder: Binder, tree: Node, table: Table, columns: list[Column], scope: Scope) -> Node:
    source = tree.args.get("expression")
    overriding = str(tree.args.get("overriding") or "").upper()
    if source is None or tree.args.get("default"):
        rows: Node = _values_query(binder, [[]], table, [], scope, overriding)
    elif isinstance(source, exp.Values):
        items = [list(row.expressions) if isinstance(row, exp.Tuple) else [row] for row in source.expressions]
        rows = _values_query(binder, items, table, columns, scope, overriding)
    elif isinstance(source, exp.Select) and not _has_from(source):
        rows = _values_query(binder, [[i.this if isinstance(i, exp.Alias) else i for i in source.expressions]], table, columns, scope, overriding)
        if source.args.get("where") is not None:
            raise FeatureNotSupported("INSERT ... SELECT with WHERE but without FROM is not supported")
    else:
        rows = _query_source(binder, source, table, columns, scope)
    with_ = tree.args.get("with_") or tree.args.get("with")
    if with_ is not None:
        rows.set("with_", with_)
    return rows


def _has_from(select: exp.Select) -> bool:
    return any(select.args.get(key) is not None for key in ("from_", "from", "with_", "with", "group"))


def _values_query(
    binder: Binder, rows: list[list[Node]], table: Table, columns: list[Column], scope: Scope, overriding: str
) -> Node:
    """Each value is bound with its column's type in view, so that parameters take it."""
    width = {len(row) for row in rows}
    if len(width) > 1:
        raise SqlSyntaxError("VALUES lists must all be the same length")
    given = _checked_width(columns, width.pop(), rows)
    tuples: list[list[Node]] = []
    for row in rows:
        values = {c.name: _value(binder, c, node, scope, overriding) for c, node in zip(given, row, strict=True)}
        tuples.append([values.get(c.name) or _default(binder, c, omitted=True) for c in table.columns])
    names = [column.name for column in table.columns]
    if len(tuples) == 1:
        items = [exp.Alias(this=node, alias=quoted(name)) for node, name in zip(tuples[0], names, strict=True)]
        return exp.Select(expressions=items)
    values_node = exp.Values(
        expressions=[exp.Tuple(expressions=row) for row in tuples],
        alias=exp.TableAlias(this=quoted("v"), columns=[quoted(name) for name in names]),
    )
    return exp.select(*(exp.column(quoted(name)) for name in names)).from_(values_node)


def _checked_width(columns: list[Column], width: int, rows: list[list[Node]]) -> list[Column]:
    if width > len(columns):
        extra = rows[0][len(columns)]
        raise SqlSyntaxError("INSERT has more expressions than target columns", position=position_of(extra))
    return columns[:width]


def _value(binder: Binder, column: Column, node: Node, scope: Scope, overriding: str) -> Node:
    if _is_default(node):
        return _default(binder, column, omitted=False)
    if column.generated is not None:
        raise GeneratedAlways(
            f'cannot insert a non-DEFAULT value into column "{column.name}"',
            detail=f'Column "{column.name}" is a generated column.',
        )
    if column.identity == "ALWAYS" and "SYSTEM" not in overriding:
        raise GeneratedAlways(
            f'cannot insert a non-DEFAULT value into column "{column.name}"',
            detail=f'Column "{column.name}" is an identity column defined as GENERATED ALWAYS.',
            hint="Use OVERRIDING SYSTEM VALUE to override.",
        )
    return assign(binder, column, binder.expression(node, scope)).node


def _is_default(node: Node) -> bool:
    return (
        isinstance(node, exp.Column)
        and node.args.get("table") is None
        and node.name.lower() == "default"
        and not node.this.args.get("quoted")
    ) or (isinstance(node, exp.Var) and node.name.upper() == "DEFAULT")


def _default(binder: Binder, column: Column, *, omitted: bool) -> Node:
    """A column's default. The engine numbers omitted sequence columns, all rows at once."""
    if column.generated is not None or (omitted and column.sequence_oid is not None):
        return cast(exp.Null(), column.duckdb_type)
    if column.sequence_oid is not None:
        binder.is_volatile = True
        return _nextval(column.sequence_oid)
    if column.default is None:
        return cast(exp.Null(), column.duckdb_type)
    value = binder.expression(parse_expression(column.default), Scope())
    return assign(binder, column, replace(value, position=None)).node


def _nextval(oid: int) -> Node:
    session = exp.Anonymous(this="getvariable", expressions=[exp.Literal.string("sqlvec_session")])
    row = exp.Anonymous(this="random", expressions=[])
    return exp.Anonymous(this="sqlvec_nextval", expressions=[session, exp.Literal.number(oid), row])


def _query_source(binder: Binder, source: Node, table: Table, columns: list[Column], scope: Scope) -> Node:
    bound = bind_query(binder, source, scope)
    if len(bound.columns) > len(columns):
        raise SqlSyntaxError("INSERT has more expressions than target columns")
    given: dict[str, Node] = {}
    for column, output in zip(columns, bound.columns, strict=False):
        if column.generated is not None:
            raise GeneratedAlways(f'cannot insert a non-DEFAULT value into column "{column.name}"')
        value = Typed(exp.column(quoted(f"c{len(given)}"), table=quoted("q")), output.type, output.typmod)
        given[column.name] = assign(binder, column, value).node
    alias = exp.TableAlias(this=quoted("q"), columns=[quoted(f"c{i}") for i in range(len(bound.columns))])
    items = [
        exp.Alias(this=given.get(c.name) or _default(binder, c, omitted=True), alias=quoted(c.name))
        for c in table.columns
    ]
    return exp.Select(expressions=items).from_(exp.Subquery(this=bound.tree, alias=alias))


def assign(binder: Binder, column: Column, value: Typed) -> Typed:
    """Assignment cast: wider than implicit, narrower than CAST; 42804 where PostgreSQL has none."""
    if value.type is not None and not value.is_open and not is_assignable(value.type, column.type):
        raise DatatypeMismatch(
            f'column "{column.name}" is of type {column.type.sql_name} but expression is of type {value.type.sql_name}',
            hint="You will need to rewrite or cast the expression.",
            position=value.position,
        )
    return convert(binder, value, column.type, column.typmod, explicit=False)


def is_assignable(source: PgType, target: PgType) -> bool:
    if source.oid == target.oid or target.oid in STRINGS or source.oid == UNKNOWN.oid:
        return True
    if source.oid in NUMBERS and target.oid in NUMBERS:
        return True
    if target.name == "vector":
        return source.element is not None and source.element.oid in NUMBERS
    if source.element is not None and target.element is not None:
        return is_assignable(source.element, target.element)
    datetimes = {"date", "timestamp", "timestamptz"}
    if {source.name, target.name} <= datetimes:
        return True
    pairs = {("timestamp", "time"), ("timestamptz", "time"), ("timestamptz", "timetz"), ("time", "timetz"), ("timetz", "time"),
             ("time", "interval"), ("interval", "time"), ("json", "jsonb"), ("jsonb", "json"), ("int4", "oid"), ("int8", "oid")}  # fmt: skip
    return (source.name, target.name) in pairs


# UPDATE -----------------------------------------------------------------------------------------------


def _assignments(binder: Binder, items: list[Node], table: Table, scope: Scope) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for item in items:
        for target, value in _pairs(binder, item, scope):
            name = fold(target.this if isinstance(target, exp.Column) else target)
            column = table.column(name)
            if column is None:
                raise UndefinedColumn(
                    f'column "{name}" of relation "{table.name}" does not exist', position=position_of(target)
                )
            if name in found:
                raise SqlSyntaxError(f'multiple assignments to same column "{name}"', position=position_of(target))
            found[name] = _assigned(binder, column, value, scope)
    return found


def _pairs(binder: Binder, item: Node, scope: Scope) -> list[tuple[Node, Node]]:
    """a = 1, and (a, b) = (1, 2)."""
    if not isinstance(item, exp.EQ):
        raise SqlSyntaxError("syntax error in SET clause", position=position_of(item))
    if not isinstance(item.this, exp.Tuple):
        return [(item.this, item.expression)]
    targets, values = item.this.expressions, item.expression
    if isinstance(values, exp.Anonymous) and str(values.this).lower() == "row":
        values = exp.Tuple(expressions=values.expressions)
    if not isinstance(values, exp.Tuple):
        raise FeatureNotSupported("UPDATE SET (...) = (SELECT ...) is not supported", position=position_of(item))
    if len(targets) != len(values.expressions):
        raise SqlSyntaxError("number of columns does not match number of values", position=position_of(item))
    return list(zip(targets, values.expressions, strict=True))


def _assigned(binder: Binder, column: Column, node: Node, scope: Scope) -> Node:
    if _is_default(node):
        return _default(binder, column, omitted=False)
    if column.generated is not None:
        raise GeneratedAlways(
            f'column "{column.name}" can only be updated to DEFAULT',
            detail=f'Column "{column.name}" is a generated column.',
        )
    if column.identity == "ALWAYS":
        raise GeneratedAlways(
            f'column "{column.name}" can only be updated to DEFAULT',
            detail=f'Column "{column.name}" is an identity column defined as GENERATED ALWAYS.',
        )
    return assign(binder, column, binder.expression(node, scope)).node


# What both share --------------------------------------------------------------------------------------


def row_rules(catalog: Catalog, table: Table) -> RowRules:
    """Generated columns and CHECK constraints as expressions over NEW_ROWS."""
    scope = Scope(entries=[RangeEntry(NEW_ROWS, scope_columns(table.columns, table.oid))])
    generated: dict[str, Node] = {}
    for column in table.columns:
        if column.generated is not None:
            binder = new_binder(catalog, column.generated)
            value = binder.expression(parse_expression(column.generated), scope)
            generated[column.name] = assign(binder, column, replace(value, position=None)).node
    checks: list[tuple[str, Node]] = []
    for check in table.checks:
        binder = new_binder(catalog, check.expression)
        checks.append((check.name, settle(binder, binder.expression(parse_expression(check.expression), scope)).node))
    return RowRules(generated, tuple(checks))


def _returning(binder: Binder, tree: Node, table: Table, alias: str) -> Returning | None:
    returning = tree.args.get("returning")
    if returning is None:
        return None
    scope = Scope(entries=[RangeEntry(alias, scope_columns(table.columns, table.oid))])
    items: list[Node] = []
    columns: list[ScopeColumn] = []
    for item in expand_star(returning.expressions, scope):
        name = fold(item.args["alias"]) if isinstance(item, exp.Alias) else output_name(item)
        inner = item.this if isinstance(item, exp.Alias) else item
        value = settle(binder, binder.expression(inner.copy(), scope))
        columns.append(ScopeColumn(name, value.type, value.typmod, value.table_oid, value.attribute))
        items.append(exp.Alias(this=value.node, alias=quoted(name)))
    rows = exp.Table(this=quoted(NEW_ROWS), alias=exp.TableAlias(this=quoted(alias)))
    return Returning(exp.Select(expressions=items).from_(rows), tuple(columns))


def _on_conflict(binder: Binder, tree: Node, table: Table, alias: str) -> OnConflict | None:
    conflict = tree.args.get("conflict")
    if conflict is None:
        return None
    constraint = _arbiter(conflict, table)
    action = str(conflict.args.get("action") or "").upper()
    if "NOTHING" in action or not conflict.expressions:
        return OnConflict(constraint, None)
    if constraint is None:
        raise SqlSyntaxError("ON CONFLICT DO UPDATE requires inference specification or constraint name")
    excluded = RangeEntry("excluded", scope_columns(table.columns, table.oid))
    old = RangeEntry(alias, scope_columns(table.columns, table.oid))
    # Unqualified names mean the table's row; a parent scope would not: so the row stands alone inside.
    scope = Scope(parent=Scope(entries=[excluded]), entries=[old])
    assignments = _assignments(binder, conflict.expressions, table, scope)
    where = conflict.args.get("where")
    condition = settle(binder, binder.expression(where.this, scope)).node if where is not None else None
    for node in [*assignments.values(), *([condition] if condition is not None else [])]:
        for column in node.find_all(exp.Column):
            column.set("table", quoted(NEW_ROWS if column.table == "excluded" else OLD_ROWS))
    return OnConflict(constraint, assignments, condition)


def _arbiter(conflict: Node, table: Table) -> UniqueConstraint | None:
    name = conflict.args.get("constraint")
    if name is not None:
        wanted = fold(name if isinstance(name, exp.Identifier) else name.this)
        found = next((u for u in table.uniques if u.name == wanted and u.is_constraint), None)
        if found is None:
            raise UndefinedObject(f'constraint "{wanted}" for table "{table.name}" does not exist')
        return found
    keys = conflict.args.get("conflict_keys") or []
    if not keys:
        return None
    names = [_key_name(key) for key in keys]
    for key, each in zip(keys, names, strict=True):
        if table.column(each) is None:
            raise UndefinedColumn(f'column "{each}" does not exist', position=position_of(key))
    for unique in table.uniques:
        if set(unique.columns) == set(names):
            return unique
    raise InvalidColumnReference(
        "there is no unique or exclusion constraint matching the ON CONFLICT specification"
    )


def _key_name(node: Node) -> str:
    inner = node
    while not isinstance(inner, exp.Identifier):
        if not isinstance(inner.this, exp.Expression):
            raise AmbiguousColumn("ON CONFLICT with expressions is not supported")
        inner = inner.this
    return fold(inner)


# COPY FROM --------------------------------------------------------------------------------------------


def plan_copy(catalog: Catalog, table: Table, given: tuple[ScopeColumn, ...], source: str) -> InsertPlan:
    """The insertion of rows that the engine registers as `source`, whose columns are named as the table's."""
    binder = new_binder(catalog, "")
    values = {c.name: Typed(exp.column(quoted(c.name), table=quoted(source)), c.type, c.typmod) for c in given}
    items: list[Node] = []
    for column in table.columns:
        value = values.get(column.name)
        node = assign(binder, column, value).node if value is not None else _default(binder, column, omitted=True)
        items.append(exp.Alias(this=node, alias=quoted(column.name)))
    rows = exp.Select(expressions=items).from_(exp.Table(this=quoted(source)))
    omitted = _omitted_sequences(table, [c for c in table.columns if c.name in values])
    return InsertPlan(table, rows, (), {}, None, omitted, row_rules(catalog, table), None)
