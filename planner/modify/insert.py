"""INSERT: the query of the new rows, every column of the table in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sqlglot import exp

from sqlvec.core.errors import DuplicateColumn, GeneratedAlways, SqlSyntaxError, UndefinedColumn
from sqlvec.core.schema import Column, Table
from sqlvec.core.types.pg_type import PgType

from ..access import Access
from ..bind.binder import Binder
from ..bind.coerce import as_boolean
from ..bind.primaries import fold
from ..bind.query import bind_query, branch_value
from ..bind.row_security import insert_checks
from ..bind.scope import Scope
from ..bind.typed import Node, Typed, cast, position_of, quoted
from ..catalog import Catalog
from ..plan import new_binder
from .assignment import assign, default_of, is_default, refuse_aggregates
from .conflict import bind_conflict
from .plans import InsertPlan
from .returning import bind_returning
from .rules import row_rules
from .target import bind_with, target_table, with_of, written

Overriding = Literal["SYSTEM", "USER"] | None
_OF_ONE_ROW = frozenset(("expressions", "where", "kind"))  # parts of a SELECT that is a VALUES of one row


def plan_insert(
    tree: Node,
    catalog: Catalog,
    text: str,
    count: int,
    declared: tuple[PgType | None, ...],
    overriding: Overriding = None,
) -> InsertPlan:
    tree = tree.copy()
    binder = new_binder(catalog, text, count, declared)
    scope = Scope()
    bind_with(binder, tree, scope)
    target, names = _target(tree.this)
    table, alias = target_table(binder, target, "a")
    columns = _columns(table, names)
    rows = _Rows(binder, table, columns, bool(names), scope, overriding)
    source = rows.source(tree)
    written(binder).inserted.update(column.number for column in rows.given)
    with_ = with_of(tree)
    if with_ is not None:
        source.set("with_", with_)
    omitted = omitted_sequences(table, rows.given)
    note_sequences(binder, table, omitted)
    conflict = bind_conflict(binder, tree, table, alias, scope)
    returning, _ = bind_returning(binder, tree, table, alias)
    return InsertPlan(
        table,
        source,
        binder.parameters.types(),
        dict(binder.system_relations),
        returning,
        frozenset(binder.tables),
        tuple(binder.locking),
        omitted,
        replace(row_rules(catalog, table), policies=insert_checks(binder, table)),
        conflict,
        accesses=tuple(binder.accesses),
        reads_session=binder.reads_settings,
        is_guarded=binder.is_guarded,
    )


def omitted_sequences(table: Table, given: list[Column]) -> tuple[tuple[str, int], ...]:
    """The columns that take the next numbers, with their sequences."""
    names = {column.name for column in given}
    return tuple(
        (column.name, column.sequence_oid)
        for column in table.columns
        if column.sequence_oid is not None and column.name not in names
    )


def note_sequences(binder: Binder, table: Table, sequences: tuple[tuple[str, int], ...]) -> None:
    """Numbering a serial column takes USAGE of its sequence; an identity column's is its own affair."""
    for name, oid in sequences:
        column = table.column(name)
        if column is not None and column.identity is None:
            binder.accesses.append(Access(oid, "U"))


def _target(node: Node) -> tuple[Node, list[Node]]:
    if isinstance(node, exp.Schema):
        return node.this, list(node.expressions)
    return node, []


def _columns(table: Table, names: list[Node]) -> list[Column]:
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


@dataclass(slots=True)
class _Rows:
    """Makes the query of the rows; afterwards `given` holds the columns that it has values for."""

    binder: Binder
    table: Table
    given: list[Column]
    is_listed: bool  # the statement names its columns
    scope: Scope
    overriding: Overriding

    def source(self, tree: Node) -> Node:
        source = tree.args.get("expression")
        if source is None or tree.args.get("default"):
            self.given = []
            return self._values([[]])
        if isinstance(source, exp.Values):
            return self._values(
                [list(row.expressions) if isinstance(row, exp.Tuple) else [row] for row in source.expressions]
            )
        if isinstance(source, exp.Select) and _is_one_row(source):
            items = [item.this if isinstance(item, exp.Alias) else item for item in source.expressions]
            rows = self._values([items])
            where = source.args.get("where")
            if where is not None:
                condition = as_boolean(self.binder, self.binder.expression(where.this, self.scope), "WHERE")
                rows.set("where", exp.Where(this=condition.node))
            return rows
        return self._query(source)

    def _narrow(self, width: int, extra: Node | None = None) -> None:
        """Fewer values than columns are allowed where the columns are not named."""
        if width > len(self.given):
            position = position_of(extra) if extra is not None else None
            raise SqlSyntaxError("INSERT has more expressions than target columns", position=position)
        if self.is_listed and width < len(self.given):
            raise SqlSyntaxError("INSERT has more target columns than expressions")
        self.given = self.given[:width]

    def _values(self, rows: list[list[Node]]) -> Node:
        """Each value is bound with its column's type in view, so that parameters take it."""
        widths = {len(row) for row in rows}
        if len(widths) > 1:
            raise SqlSyntaxError("VALUES lists must all be the same length")
        width = widths.pop()
        self._narrow(width, rows[0][len(self.given)] if width > len(self.given) else None)
        tuples = [self._tuple(row) for row in rows]
        names = [column.name for column in self.table.columns]
        if len(tuples) == 1:
            return exp.Select(
                expressions=[
                    exp.Alias(this=node, alias=quoted(name))
                    for node, name in zip(tuples[0], names, strict=True)
                ]
            )
        # DuckDB unifies a column's values by rules of its own: 1.5 and 100::DECIMAL(38,0) would round,
        # vectors of different dimensions fail.
        tuples = [
            [cast(node, c.duckdb_type) if c.type.name in ("numeric", "vector") else node for c, node in pairs]
            for pairs in (zip(self.table.columns, row, strict=True) for row in tuples)
        ]
        alias = exp.TableAlias(this=quoted("v"), columns=[quoted(name) for name in names])
        values = exp.Values(expressions=[exp.Tuple(expressions=row) for row in tuples], alias=alias)
        return exp.select(*(exp.column(quoted(name)) for name in names)).from_(values)

    def _tuple(self, row: list[Node]) -> list[Node]:
        values = {c.name: self._value(c, node) for c, node in zip(self.given, row, strict=True)}
        return [values.get(c.name) or default_of(self.binder, c, omitted=True) for c in self.table.columns]

    def _value(self, column: Column, node: Node) -> Node:
        if is_default(node) or self._is_overridden(column):
            return default_of(self.binder, column, omitted=False)
        self._check_given(column)
        refuse_aggregates(node, "VALUES") if not isinstance(node.parent, exp.Select) else None
        return assign(self.binder, column, self.binder.expression(node, self.scope)).node

    def _is_overridden(self, column: Column) -> bool:
        return self.overriding == "USER" and column.identity is not None

    def _check_given(self, column: Column) -> None:
        message = f'cannot insert a non-DEFAULT value into column "{column.name}"'
        if column.generated is not None:
            raise GeneratedAlways(message, detail=f'Column "{column.name}" is a generated column.')
        if column.identity == "ALWAYS" and self.overriding != "SYSTEM":
            raise GeneratedAlways(
                message,
                detail=f'Column "{column.name}" is an identity column defined as GENERATED ALWAYS.',
                hint="Use OVERRIDING SYSTEM VALUE to override.",
            )

    def _query(self, source: Node) -> Node:
        bound = bind_query(self.binder, source, self.scope)
        self._narrow(len(bound.columns))
        names = [f"c{index}" for index in range(len(bound.columns))]
        values: dict[str, Node] = {}
        for index, (column, output, name) in enumerate(zip(self.given, bound.columns, names, strict=True)):
            if self._is_overridden(column):
                values[column.name] = default_of(self.binder, column, omitted=False)
                continue
            self._check_given(column)
            position = exp.column(quoted(name), table=quoted("q"))
            literal = branch_value(bound, index)
            if literal.is_open and bound.tree.args.get("distinct") is None:
                literal_node = assign(self.binder, column, literal).node
                bound.tree.expressions[index].set("this", literal_node)
                values[column.name] = position
                continue
            value = Typed(position, output.type, output.typmod)
            values[column.name] = assign(self.binder, column, value).node
        alias = exp.TableAlias(this=quoted("q"), columns=[quoted(name) for name in names])
        items = [
            exp.Alias(
                this=values.get(c.name) or default_of(self.binder, c, omitted=True), alias=quoted(c.name)
            )
            for c in self.table.columns
        ]
        return exp.Select(expressions=items).from_(exp.Subquery(this=bound.tree, alias=alias))


def _is_one_row(select: exp.Select) -> bool:
    """A SELECT without FROM and whatever changes the number of rows, but perhaps WHERE."""
    return not any(value for name, value in select.args.items() if name not in _OF_ONE_ROW)
