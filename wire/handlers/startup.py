"""Startup: from the first packet to the first ReadyForQuery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlvec.core.errors import InvalidAuthorizationSpecification, Severity

from ..auth.method import AuthenticationMethod
from ..backend import Backend
from ..dialogue import AWAIT, DialogueOf
from ..protocol.backend_messages import (
    AuthenticationOk,
    BackendKeyData,
    EncryptionRefused,
    NegotiateProtocolVersion,
    ReadyForQuery,
)
from ..protocol.frontend_messages import CancelRequest, GssEncRequest, SslRequest, StartupMessage
from .cancel import cancel
from .client_state import ClientState


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a new client needs to come in."""

    backend: Backend
    authenticate: AuthenticationMethod
    admit: Callable[[], None]  # counts the client; raises 53300 when there are too many


def start_up(entrance: Entrance) -> DialogueOf[ClientState | None]:
    """A client with a session; or None after a CancelRequest. Errors here end the connection."""
    message = yield AWAIT
    while isinstance(message, SslRequest | GssEncRequest):
        yield EncryptionRefused()
        message = yield AWAIT
    if isinstance(message, CancelRequest):
        cancel(entrance.backend, message)
        return None
    assert isinstance(message, StartupMessage)
    # A dictionary of its own: `_pq_.` names are the protocol's, the rest is the session's.
    unknown = tuple(name for name in message.parameters if name.startswith("_pq_."))
    parameters = {name: value for name, value in message.parameters.items() if name not in unknown}
    if message.minor > 0 or unknown:
        yield NegotiateProtocolVersion(0, unknown)
    user = parameters.get("user", "")
    if not user:
        raise InvalidAuthorizationSpecification(
            "no PostgreSQL user name specified in startup packet", severity=Severity.FATAL
        )
    yield from entrance.authenticate(user)
    entrance.admit()
    yield AuthenticationOk()
    return (yield from _open_session(entrance.backend, parameters))


def _open_session(backend: Backend, parameters: dict[str, str]) -> DialogueOf[ClientState]:
    session = backend.open_session(parameters)
    state = ClientState(session)
    try:
        yield from state.changed_settings()
        yield BackendKeyData(session.process_id, session.secret_key)
        yield from state.notices()
        yield ReadyForQuery(session.status)
    except BaseException:  # also GeneratorExit: the client went away
        session.close()
        raise
    return state
