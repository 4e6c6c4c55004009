"""Vector operators and functions; each bound distance carries a mark that the vector rules look for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from sqlvec.core.errors import AmbiguousFunction, DataException

from .binder import Binder
from .coerce import no_operator, resolve
from .scope import Scope
from .typed import FLOAT8, UNKNOWN, VECTOR, Node, Typed, call

# operator -> (metric, DuckDB function of ours)
OPERATORS: dict[str, tuple[str, str]] = {
    "<->": ("l2", "sqlvec_l2_distance"),
    "<#>": ("ip", "sqlvec_negative_inner_product"),
    "<=>": ("cosine", "sqlvec_cosine_distance"),
    "<+>": ("l1", "sqlvec_l1_distance"),
}
# pgvector's function forms of the same distances.
FUNCTIONS: dict[str, tuple[str | None, str]] = {
    "l2_distance": ("l2", "sqlvec_l2_distance"),
    "vector_l2_distance": ("l2", "sqlvec_l2_distance"),
    "cosine_distance": ("cosine", "sqlvec_cosine_distance"),
    "l1_distance": ("l1", "sqlvec_l1_distance"),
    "vector_negative_inner_product": ("ip", "sqlvec_negative_inner_product"),
    "inner_product": (None, "sqlvec_inner_product"),
}
MARK = "sqlvec_distance"


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance between a column and something else; `operand` is the bound query vector."""

    metric: str
    alias: str
    column: str
    operand: Node
    symbol: str

    def is_same(self, other: Distance) -> bool:
        """Whether both have the same value in every row."""
        mine = self.metric, self.alias, self.column
        return mine == (other.metric, other.alias, other.column) and self.operand == other.operand


def vector_operator(binder: Binder, node: Node, scope: Scope) -> Typed:
    """exp.Operator: the operators that the scanner spelled as OPERATOR(...)."""
    symbol = str(node.args["operator"]).rsplit(".", 1)[-1]
    if symbol in OPERATORS:
        metric, function = OPERATORS[symbol]
        left = binder.expression(node.this, scope)
        right = binder.expression(node.expression, scope)
        return distance(
            binder, metric, function, left, right, symbol, binder.text_position(node.this, node.expression)
        )
    plain = _PLAIN.get(symbol)
    if plain is None:
        sides = [binder.expression(side, scope) for side in (node.this, node.expression)]
        raise no_operator(symbol, sides, binder.text_position(node.this, node.expression))
    bound = plain(this=node.this, expression=node.expression)
    return binder.expression(exp.Not(this=bound) if symbol.startswith("!") else bound, scope)


# OPERATOR(pg_catalog.=) and the like, as psql writes them.
_PLAIN: dict[str, type[exp.Expression]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "/": exp.Div,
    "~": exp.RegexpLike,
    "~*": exp.RegexpILike,
    "!~": exp.RegexpLike,
    "!~*": exp.RegexpILike,
    "~~": exp.Like,
    "~~*": exp.ILike,
    "!~~": exp.Like,
    "||": exp.DPipe,
    "@>": exp.ArrayContainsAll,
    "<@": exp.ArrayContainedBy,
    "&&": exp.ArrayOverlaps,
}


def distance(
    binder: Binder,
    metric: str | None,
    function: str,
    left: Typed,
    right: Typed,
    symbol: str,
    position: int | None,
) -> Typed:
    """Bind a distance; open operands become vectors, anything else is 42883 as in pgvector."""
    if left.is_open and right.is_open and left.parameter is None and right.parameter is None:
        raise (
            AmbiguousFunction(
                f"operator is not unique: unknown {symbol} unknown",
                hint="Could not choose a best candidate operator. You might need to add explicit type casts.",
                position=position,
            )
            if symbol in OPERATORS
            else no_operator(symbol, [left, right], position)
        )
    sides = [_as_vector(binder, left), _as_vector(binder, right)]
    if any(side.type is not None and not side.is_type(VECTOR) for side in sides):
        raise no_operator(symbol, [left, right], position)
    known = {side.typmod for side in sides if side.typmod > 0}
    if len(known) > 1:
        first, second = sides[0].typmod, sides[1].typmod
        raise DataException(f"different vector dimensions {first} and {second}")
    node = call(function, *(side.node for side in sides))
    if metric is not None:
        _mark(node, metric, symbol, sides[0].node, sides[1].node)
    return Typed(node, FLOAT8, position=left.position)


def _as_vector(binder: Binder, value: Typed) -> Typed:
    if not value.is_open:
        return value
    resolved = resolve(binder, value, VECTOR)
    dimensions = _literal_dimensions(value)
    return replace(resolved, typmod=dimensions)


def _literal_dimensions(value: Typed) -> int:
    if value.literal is None:
        return -1
    return value.literal.count(",") + 1


def _mark(node: Node, metric: str, symbol: str, left: Node, right: Node) -> None:
    column, operand = (left, right) if isinstance(left, exp.Column) else (right, left)
    if isinstance(column, exp.Column):
        node.meta[MARK] = Distance(metric, column.table, column.name, operand, symbol)


def mark_of(node: Node) -> Distance | None:
    """The mark of a bound distance, also through parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    found = node.meta.get(MARK) if node._meta else None
    if not isinstance(found, Distance):
        return None
    # A copied tree has copied its marks' operands apart from its own nodes.
    left, right = node.expressions
    return replace(found, operand=right if isinstance(left, exp.Column) else left)


def vector_function(binder: Binder, name: str, arguments: list[Typed], position: int | None) -> Typed:
    metric, function = FUNCTIONS[name]
    left, right = arguments
    symbols = {"l2": "<->", "cosine": "<=>", "l1": "<+>", "ip": "<#>"}
    if left.is_open and right.is_open:
        left, right = resolve(binder, left, VECTOR), resolve(binder, right, VECTOR)
    return distance(binder, metric, function, left, right, symbols.get(metric or "", name), position)


__all__ = [
    "FUNCTIONS",
    "MARK",
    "OPERATORS",
    "UNKNOWN",
    "Distance",
    "distance",
    "mark_of",
    "vector_function",
    "vector_operator",
]
