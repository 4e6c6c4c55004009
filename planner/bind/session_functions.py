"""Functions of the session: answered while binding from the catalog and settings, or tied to sequences."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from sqlvec.core.errors import UndefinedFunction, UndefinedObject, WrongObjectType
from sqlvec.core.schema import Sequence
from sqlvec.core.settings.registry import SERVER_VERSION
from sqlvec.core.types.registry import type_by_name

from .binder import Binder
from .coerce import resolve, settle, undefined_function
from .privilege_functions import PRIVILEGE_FUNCTIONS
from .registered import must_alias, regclass_constant, relation_oid, split_name
from .typed import BOOL, INT4, INT8, TEXT, Node, Typed, array_type, call, cast, number, pg, string

Builder = Callable[[Binder, list[Typed], int | None], Typed]
NAME = pg("name")
VERSION = f"PostgreSQL {SERVER_VERSION} (sqlvec 0.1.0)"


def _constant(value: str) -> Builder:
    return lambda _binder, _arguments, _position: Typed(string(value), TEXT)


def _current_schema(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    schemas = [
        name
        for name in binder.catalog.search_path
        if name != "pg_catalog" and binder.catalog.has_schema(name)
    ]
    return Typed(string(schemas[0]) if schemas else cast(exp.Null(), "VARCHAR"), NAME)


def _current_schemas(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    implicit = (
        isinstance(arguments[0].node, exp.Boolean) and bool(arguments[0].node.this) if arguments else False
    )
    names = [
        n
        for n in binder.catalog.search_path
        if (n != "pg_catalog" or implicit) and (n == "pg_catalog" or binder.catalog.has_schema(n))
    ]
    return Typed(exp.Array(expressions=[string(name) for name in names]), array_type(NAME))


def _current_setting(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    binder.is_volatile = binder.reads_settings = True
    if not arguments or len(arguments) > 2:
        raise undefined_function("current_setting", arguments, position)
    if arguments[0].literal is None:
        rest = [resolve(binder, value, BOOL).node for value in arguments[1:]] or [exp.false()]
        name_ = _text(binder, "current_setting", arguments, 0, position)
        return Typed(call("sqlvec_current_setting", _session(), name_, *rest), TEXT)
    name = arguments[0].literal
    try:
        value = binder.catalog.settings.get(name)
    except UndefinedObject:
        if len(arguments) > 1:
            return Typed(cast(exp.Null(), "VARCHAR"), TEXT)
        raise
    return Typed(string(value), TEXT)


def _set_config(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    """set_config(name, value, is_local) runs as a function of the session while rows are made."""
    binder.is_volatile = True
    values = [resolve(binder, value, BOOL if index == 2 else TEXT) for index, value in enumerate(arguments)]
    return Typed(
        call("sqlvec_set_config", _session(), *(v.node for v in values)),
        TEXT,
    )


def _session() -> Node:
    return call("getvariable", string("sqlvec_session"))


def _text(binder: Binder, function: str, arguments: list[Typed], index: int, position: int | None) -> Node:
    """An argument that has to be text."""
    value = settle(binder, arguments[index])
    if value.type is not None and not value.is_string:
        raise undefined_function(function, arguments, position)
    return cast(value.node, "VARCHAR")


def _sequence(binder: Binder, value: Typed, position: int | None) -> Node:
    """The OID of nextval's argument; a constant is looked up while binding, so that errors come early."""
    found = regclass_constant(binder, value, pg("regclass")) or must_alias(
        settle(binder, value), pg("regclass")
    )
    inner = found.node.this if isinstance(found.node, exp.Cast) else None
    if isinstance(inner, exp.Literal):
        relation = binder.catalog.relation_by_oid(int(inner.this))
        if relation is not None and not isinstance(relation, Sequence):
            raise WrongObjectType(f'"{relation.name}" is not a sequence', position=position)
    return found.node


def _sequence_call(name: str) -> Builder:
    def build(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
        binder.is_volatile = True
        if not arguments:
            raise UndefinedFunction(f"function {name}() does not exist", position=position)
        sequence = _sequence(binder, arguments[0], position)
        rest = [
            resolve(binder, value, BOOL if index == 1 else INT8).node
            for index, value in enumerate(arguments[1:])
        ]
        if name == "setval" and len(rest) == 1:
            rest.append(exp.true())
        session = _session()
        # random() keeps DuckDB from folding the call into a constant: one value per row.
        row = [call("random")] if name == "nextval" else []
        return Typed(call(f"sqlvec_{name}", session, sequence, *rest, *row), INT8)

    return build


def _lastval(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    binder.is_volatile = True
    return Typed(call("sqlvec_lastval", _session()), INT8)


def _serial_sequence(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    function = "pg_get_serial_sequence"
    if len(arguments) != 2:
        raise undefined_function(function, arguments, position)
    names = [_text(binder, function, arguments, index, position) for index in (0, 1)]
    return Typed(call("sqlvec_serial_sequence", _session(), *names), TEXT)


def _to_regtype(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    if arguments[0].literal is None:
        value = settle(binder, arguments[0])
        return Typed(call("sqlvec_to_regtype", value.node), pg("regtype"))
    found = type_by_name(split_name(arguments[0].literal)[1])
    return Typed(cast(number(found.oid) if found else exp.Null(), "BIGINT"), pg("regtype"))


def _to_regclass(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    if len(arguments) != 1:
        raise undefined_function("to_regclass", arguments, position)
    if arguments[0].literal is None:
        name = _text(binder, "to_regclass", arguments, 0, position)
        return Typed(call("sqlvec_to_regclass", _session(), name), pg("regclass"))
    oid = relation_oid(binder, *split_name(arguments[0].literal))
    return Typed(cast(number(oid) if oid else exp.Null(), "BIGINT"), pg("regclass"))


def _typeof(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    if len(arguments) != 1:
        raise UndefinedFunction("function pg_typeof() does not exist", position=position)
    value = arguments[0]
    name = "unknown" if value.is_open or value.type is None else value.type.sql_name
    return Typed(string(name), TEXT)


def _backend_pid(binder: Binder, arguments: list[Typed], position: int | None) -> Typed:
    binder.is_volatile = True
    return Typed(cast(_session(), "INTEGER"), INT4)


SESSION_FUNCTIONS: dict[str, Builder] = {
    **PRIVILEGE_FUNCTIONS,
    "version": _constant(VERSION),
    "current_database": lambda binder, _a, _p: Typed(string(binder.catalog.database), NAME),
    "current_catalog": lambda binder, _a, _p: Typed(string(binder.catalog.database), NAME),
    "current_user": lambda binder, _a, _p: Typed(string(binder.catalog.user), NAME),
    "session_user": lambda binder, _a, _p: Typed(string(binder.catalog.session_user), NAME),
    "current_schema": _current_schema,
    "current_schemas": _current_schemas,
    "current_setting": _current_setting,
    "set_config": _set_config,
    "nextval": _sequence_call("nextval"),
    "currval": _sequence_call("currval"),
    "setval": _sequence_call("setval"),
    "lastval": _lastval,
    "pg_get_serial_sequence": _serial_sequence,
    "to_regtype": _to_regtype,
    "to_regclass": _to_regclass,
    "pg_typeof": _typeof,
    "pg_backend_pid": _backend_pid,
    "pg_is_in_recovery": lambda _b, _a, _p: Typed(exp.false(), BOOL),
    "pg_postmaster_start_time": lambda _b, _a, _p: Typed(call("now"), pg("timestamptz")),
    "inet_server_addr": lambda _b, _a, _p: Typed(cast(exp.Null(), "VARCHAR"), TEXT),
    "inet_server_port": lambda _b, _a, _p: Typed(cast(exp.Null(), "INTEGER"), INT4),
}


def current_word(binder: Binder, node: exp.Expression, scope: object) -> Typed:
    """CURRENT_USER, CURRENT_SCHEMA, version() and others that sqlglot has classes for."""
    names = {
        "CurrentUser": "current_user",
        "SessionUser": "session_user",
        "CurrentSchema": "current_schema",
        "CurrentDatabase": "current_database",
        "CurrentCatalog": "current_catalog",
        "CurrentVersion": "version",
        "CurrentRole": "current_user",
    }
    return SESSION_FUNCTIONS[names[type(node).__name__]](binder, [], None)
