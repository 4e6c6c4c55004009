"""Extended query: Parse, Bind, Describe, Execute, Close, Sync."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from sqlvec.core.errors import InvalidParameterValue, ProtocolViolation
from sqlvec.core.outcome import TransactionStatus

from ..dialogue import Dialogue
from ..protocol.backend_messages import (
    BindComplete,
    CloseComplete,
    NoData,
    ParameterDescription,
    ParseComplete,
)
from ..protocol.frontend_messages import Bind, Close, Describe, Execute, Parse, Target
from .client_state import ClientState
from .result import row_description, tell_outcome
from .simple_query import ready

ExtendedQueryMessage: TypeAlias = Parse | Bind | Describe | Execute | Close


def extended_query(state: ClientState, message: ExtendedQueryMessage) -> Dialogue:
    match message:
        case Parse(name, sql, parameter_oids):
            state.session.prepare(name, sql, parameter_oids)
            yield ParseComplete()
        case Bind():
            _bind(state, message)
            yield BindComplete()
        case Describe(Target.STATEMENT, name):
            yield from _describe_statement(state, name)
        case Describe(_, name):
            columns = state.session.describe_portal(name)
            formats = state.result_formats.get(name, ())
            yield NoData() if columns is None else row_description(columns, formats)
        case Execute(portal, max_rows):
            outcome = state.session.execute(portal, max_rows)
            yield from tell_outcome(state, outcome, state.result_formats.get(portal, ()))
        case Close():
            _close(state, message)
            yield CloseComplete()
        case _:
            assert_never(message)


def sync(state: ClientState) -> Dialogue:
    """The commit happens here, so it may fail here; the conversation then answers error and ready."""
    state.session.sync()
    if state.session.status is TransactionStatus.IDLE:
        state.result_formats.clear()  # portals die with their transaction
    yield from ready(state)


def _bind(state: ClientState, message: Bind) -> None:
    given, wanted = len(message.parameter_formats), len(message.parameters)
    if given > 1 and given != wanted:
        raise ProtocolViolation(f"bind message has {given} parameter formats but {wanted} parameters")
    _check_formats(message.parameter_formats)
    _check_formats(message.result_formats)
    session = state.session
    session.bind(message.portal, message.statement, message.parameters, message.parameter_formats)
    if len(message.result_formats) > 1:
        columns = session.describe_portal(message.portal)
        if columns is not None and len(columns) != len(message.result_formats):
            raise ProtocolViolation(
                f"bind message has {len(message.result_formats)} result formats "
                f"but query has {len(columns)} columns"
            )
    state.result_formats[message.portal] = message.result_formats


def _check_formats(formats: Sequence[int]) -> None:
    for wire_format in formats:
        if wire_format not in (0, 1):
            raise InvalidParameterValue(f"unsupported format code: {wire_format}")


def _describe_statement(state: ClientState, name: str) -> Dialogue:
    description = state.session.describe_statement(name)
    yield ParameterDescription(description.parameter_oids)
    # The formats are not known before Bind: zero, as PostgreSQL.
    yield NoData() if description.columns is None else row_description(description.columns, ())


def _close(state: ClientState, message: Close) -> None:
    match message.target:
        case Target.STATEMENT:
            state.session.close_statement(message.name)
        case Target.PORTAL:
            state.session.close_portal(message.name)
            state.result_formats.pop(message.name, None)
