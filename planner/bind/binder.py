"""Binder: binds one statement; holds what is known so far and hands nodes to the right handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from sqlglot import exp

from sqlvec.core.errors import FeatureNotSupported, UndefinedFunction, UndefinedTable
from sqlvec.core.schema import View
from sqlvec.core.types.pg_type import PgType

from ..access import Access
from ..catalog import Catalog, Relation, SystemRelation
from .parameters import Parameters
from .row_locks import LockingQuery
from .scope import BoundQuery, Scope
from .typed import Node, Typed, called_name, end_of, position_of

Handler: TypeAlias = Callable[["Binder", Node, Scope], Typed]
BindQuery: TypeAlias = Callable[["Binder", Node, Scope | None], BoundQuery]


_CHAINS = (exp.Binary, exp.Paren, exp.Cast, exp.Not, exp.Neg)  # whose first operand is bound as they are
_STEP = 64  # links of a chain that are bound within each other


class Binder:
    """`handlers` maps sqlglot's classes and names of functions to handlers (expressions.HANDLERS),
    `bind_query` binds queries
    (query.bind_query); both are passed in so that their modules may import this one.
    """

    def __init__(
        self,
        catalog: Catalog,
        text: str,
        parameter_count: int,
        declared: tuple[PgType | None, ...] = (),
        *,
        handlers: dict[type | str, Handler],
        bind_query: BindQuery,
    ) -> None:
        self.catalog = catalog
        self.text = text
        self.parameters = Parameters(parameter_count, declared)
        self.tables: set[int] = set()
        self.system_relations: dict[str, SystemRelation] = {}
        self.locking: list[LockingQuery] = []  # SELECTs whose rows are to be locked first
        self.is_volatile = False  # calls nextval or the like
        self.reads_settings = False  # calls current_setting, whose value is bound in
        self.guarding: set[int] = set()  # tables whose policies are being bound
        self.is_guarded = False  # whether policies hide rows
        self.accesses: list[Access] = []  # what is read and written
        self.acting: int | None = None  # owner of the view that is being bound
        self.written: Access | None = None  # the target of INSERT, UPDATE, DELETE
        self.pending: Access | None = None  # the same, until its FROM item is bound
        self._known: dict[int, tuple[Node, Typed]] = {}  # by id: bound ahead of what they stand in
        self._handlers = handlers
        self._bind_query = bind_query

    def expression(self, node: Node, scope: Scope) -> Typed:
        if not isinstance(node, exp.Expression):  # sqlglot takes ceil() without an argument
            raise UndefinedFunction(
                "function does not exist with these arguments",
                hint="No function matches the given name and argument types. "
                "You might need to add explicit type casts.",
            )
        known = self._known.pop(id(node), None)
        if known is not None:
            return known[1]
        if not _continues(node):
            self._bind_ahead(node, scope)
        return self._handled(node, scope)

    def _bind_ahead(self, node: Node, scope: Scope) -> None:
        """Bind a long chain, such as a OR b OR c ..., in steps from its far end, to spare the stack."""
        chain = [node]
        while isinstance(chain[-1], _CHAINS) and isinstance(chain[-1].this, exp.Expression):
            chain.append(chain[-1].this)
        for link in chain[_STEP::_STEP][::-1]:
            self._known[id(link)] = link, self._handled(link, scope)

    def _handled(self, node: Node, scope: Scope) -> Typed:
        is_test = isinstance(node, exp.Is) or isinstance(node.expression, (exp.Any, exp.All))
        if node.args.get("negate") and not is_test:  # NOT LIKE and its kin
            plain = node.copy()
            plain.set("negate", None)
            return self.expression(exp.Not(this=plain), scope)
        if isinstance(node, exp.Anonymous):
            named = self._handlers.get(called_name(node))
            if named is not None:
                return named(self, node, scope)
        for kind in type(node).__mro__:
            handler = self._handlers.get(kind)
            if handler is not None:
                return handler(self, node, scope)
        raise self.unsupported(node)

    def query(self, tree: Node, parent: Scope | None) -> BoundQuery:
        """Bind a query inside an expression or a FROM item."""
        return self._bind_query(self, tree, parent)

    def access(self, relation: Relation, required: str) -> Access:
        """Note that a relation is used, as whoever acts here."""
        system = relation.name if isinstance(relation, SystemRelation) else None
        found = Access(relation.oid, required, self.acting, system)
        self.accesses.append(found)
        return found

    @contextmanager
    def as_view(self, view: View) -> Iterator[None]:
        """Within it, names mean what they meant where the view was made, and its owner asks for them."""
        before = self.catalog, self.acting
        self.catalog = self.catalog.inside(view.search_path)
        if not view.is_security_invoker:
            self.acting = view.owner_role
        try:
            yield
        finally:
            self.catalog, self.acting = before

    def unsupported(self, node: Node, what: str | None = None) -> FeatureNotSupported:
        label = what or node.key.upper()
        return FeatureNotSupported(f"{label} is not supported", position=position_of(node))

    def relation(self, schema: str | None, name: str, position: int | None) -> Relation:
        found = self.catalog.relation(schema, name)
        if found is None:
            shown = f"{schema}.{name}" if schema else name
            raise UndefinedTable(f'relation "{shown}" does not exist', position=position)
        return found

    def text_position(self, left: Node, right: Node) -> int | None:
        """The 1-based position of the operator between two operands, found in the client's text."""
        end = end_of(left)
        if end is None:
            return position_of(right)
        index = end + 1
        while index < len(self.text) and (self.text[index].isspace() or self.text[index] in ")]\"'"):
            index += 1
        return index + 1


def _continues(node: Node) -> bool:
    """Whether this is the first operand of a chain's link, so that the chain was looked at before."""
    return isinstance(node.parent, _CHAINS) and node.parent.this is node
