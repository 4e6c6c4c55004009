"""Typed: a DuckDB expression with the PostgreSQL type it has, and the small constructors around it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import array_of, type_by_name

Node = exp.Expression


def pg(name: str) -> PgType:
    """A built-in type by name; the name is ours, so it exists."""
    found = type_by_name(name)
    assert found is not None, name
    return found


def array_type(element: PgType) -> PgType:
    """The array type of an element type; every type that SQL can name has one."""
    found = array_of(element)
    assert found is not None, element.name
    return found


UNKNOWN = pg("unknown")
TEXT = pg("text")
BPCHAR = pg("bpchar")
BOOL = pg("bool")
INT2 = pg("int2")
INT4 = pg("int4")
INT8 = pg("int8")
NUMERIC = pg("numeric")
FLOAT4 = pg("float4")
FLOAT8 = pg("float8")
VECTOR = pg("vector")
JSON = pg("json")
JSONB = pg("jsonb")
DATE = pg("date")
TIME = pg("time")
TIMESTAMP = pg("timestamp")
TIMESTAMPTZ = pg("timestamptz")
INTERVAL = pg("interval")
OID = pg("oid")
UUID = pg("uuid")
BYTEA = pg("bytea")

NUMBERS = {t.oid: rank for rank, t in enumerate((INT2, INT4, INT8, NUMERIC, FLOAT4, FLOAT8))}
INTEGERS = frozenset((INT2.oid, INT4.oid, INT8.oid))
STRINGS = frozenset(pg(name).oid for name in ("text", "varchar", "bpchar", "name", "char"))


@dataclass(frozen=True, slots=True)
class Typed:
    """`type` is None where only DuckDB knows; UNKNOWN for untyped literals and parameters.

    `parameter` is set while the node is a bare $n whose type is open; `literal` while it is a bare
    string literal. `table_oid` and `attribute` tell a plain column's origin (RowDescription). `fields` are
    those of a row that is spelled out, or of a FROM item's whole row.
    """

    node: Node
    type: PgType | None
    typmod: int = -1
    parameter: int | None = None
    literal: str | None = None
    position: int | None = None
    table_oid: int = 0
    attribute: int = 0
    fields: tuple[tuple[str, Typed], ...] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the context decides its type."""
        return self.type is UNKNOWN

    def is_type(self, *types: PgType) -> bool:
        return self.type is not None and any(self.type.oid == other.oid for other in types)

    @property
    def is_string(self) -> bool:
        return self.type is not None and self.type.oid in STRINGS

    @property
    def is_number(self) -> bool:
        return self.type is not None and self.type.oid in NUMBERS

    @property
    def is_integer(self) -> bool:
        return self.type is not None and self.type.oid in INTEGERS

    @property
    def is_array(self) -> bool:
        return self.type is not None and self.type.is_array


def position_of(node: Node) -> int | None:
    """1-based character position of the leftmost token of a client's expression, where known."""
    best: int | None = None
    for item in _outermost(node, "this").walk():
        start = item.meta.get("start") if item._meta else None
        if start is not None and (best is None or start < best):
            best = start
    return None if best is None else best + 1


def end_of(node: Node) -> int | None:
    """0-based offset of the last character of an expression's last token, where known."""
    last = _outermost(node, "expression")
    ends = [item.meta["end"] for item in last.walk() if item._meta and "end" in item.meta]
    return max(ends, default=None)


def _outermost(node: Node, side: str) -> Node:
    """The last operand on one side of a chain of operators, which may be long."""
    plain = (exp.Binary, exp.Literal, exp.Column)
    while isinstance(node, exp.Binary) and isinstance(node.args.get(side), plain):
        node = node.args[side]
    return node


def call(name: str, *arguments: Node) -> Node:
    """A DuckDB function call, printed as is."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(node: Node, duckdb_type: str) -> Node:
    """CAST(node AS type) with DuckDB's spelling of the type."""
    return exp.Cast(this=node, to=exp.DataType.build(duckdb_type, dialect="duckdb", udt=True))


def paren(node: Node) -> Node:
    """Parenthesised where precedence could matter."""
    atoms = (
        exp.Column,
        exp.Literal,
        exp.Func,
        exp.Paren,
        exp.Subquery,
        exp.Cast,
        exp.Null,
        exp.Boolean,
        exp.Parameter,
    )
    if isinstance(node, atoms) and not isinstance(node, (exp.And, exp.Or, exp.Case)):
        return node
    return exp.Paren(this=node)


def is_row(node: Node) -> bool:
    """ROW(a, b) or (a, b)."""
    while isinstance(node, exp.Paren):
        node = node.this
    is_call = isinstance(node, exp.Anonymous) and str(node.this).lower() == "row"
    return is_call or isinstance(node, exp.Tuple)


def called_name(node: exp.Anonymous) -> str:
    """The name of a function that is called, folded unless it is quoted."""
    if isinstance(node.this, exp.Identifier):
        return node.name if node.this.args.get("quoted") else node.name.lower()
    return str(node.this).lower()


def string(value: str) -> Node:
    return exp.Literal.string(value)


def number(value: int | float) -> Node:
    return exp.Literal.number(value)


def floating(value: float) -> Node:
    """A finite float. With an exponent, or DuckDB reads a DECIMAL, whose cast to FLOAT rounds twice."""
    digits = repr(value)
    return exp.Literal.number(digits if "e" in digits else f"{digits}e0")


def raise_error(sqlstate: str, message: str) -> Node:
    """An expression that fails with this SQLSTATE when it is evaluated."""
    return call("error", string(f"[sqlvec {sqlstate}] {message}"))


def first_present(nodes: list[Node]) -> Node:
    """COALESCE as a CASE. DuckDB 1.5.6 frees the text that a function of ours returned into its COALESCE
    while the result still points there; CASE copies it, and DuckDB computes what stands twice once. A
    subquery's value is a copy already, and would indeed be computed twice.
    """
    node, *rest = nodes
    if not rest:
        return node
    if isinstance(node, exp.Subquery):
        return call("coalesce", node, first_present(rest))
    is_present = exp.Not(this=exp.Is(this=exp.Paren(this=node.copy()), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=is_present, true=node)], default=first_present(rest))


def quoted(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)
