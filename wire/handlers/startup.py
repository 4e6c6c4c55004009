"""Startup: from the first packet to the first ReadyForQuery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlvec.core.errors import InvalidAuthorizationSpecification, Severity
from sqlvec.core.login_role import LoginRole

from ..auth.access import Access
from ..auth.channel import Channel
from ..backend import Backend
from ..dialogue import AWAIT, DialogueOf
from ..protocol.backend_messages import (
    AuthenticationOk,
    BackendKeyData,
    EncryptionAccepted,
    EncryptionRefused,
    NegotiateProtocolVersion,
    ReadyForQuery,
)
from ..protocol.frontend_messages import (
    CancelRequest,
    Encrypted,
    FrontendMessage,
    GssEncRequest,
    SslRequest,
    StartupMessage,
)
from .cancel import cancel
from .client_state import ClientState


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a new client needs to come in."""

    backend: Backend
    access: Access
    channel: Channel
    admit: Callable[[LoginRole], None]  # counts the client; raises 53300 when there are too many
    has_tls: bool = False


def start_up(entrance: Entrance) -> DialogueOf[ClientState | None]:
    """A client with a session; or None after a CancelRequest. Errors here end the connection."""
    message, channel = yield from _agree_on_encryption(entrance)
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
    database = parameters.get("database") or user
    role = yield from entrance.access.authenticate(user, database, channel)
    entrance.admit(role)
    yield AuthenticationOk()
    return (yield from _open_session(entrance.backend, parameters))


def _agree_on_encryption(entrance: Entrance) -> DialogueOf[tuple[FrontendMessage | None, Channel]]:
    """The first message that is about something else, and how it came."""
    channel = entrance.channel
    while True:
        message = yield AWAIT
        match message:
            case Encrypted(encryption):
                channel = replace(channel, encryption=encryption)
            case SslRequest() if entrance.has_tls:
                yield EncryptionAccepted()
            case SslRequest() | GssEncRequest():
                yield EncryptionRefused()
            case _:
                return message, channel


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
