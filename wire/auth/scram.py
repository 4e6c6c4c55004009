"""Scram: SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, as server.

RFC 5802 and 7677 by way of scramp; PostgreSQL's manual, "SASL Authentication". PLUS binds the exchange
to the server's certificate (tls-server-end-point), so that who stands between with another one fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from scramp import ScramException, ScramMechanism
from scramp.core import ScramServer
from scramp.utils import ServerError

from sqlvec.core.errors import (
    InvalidAuthorizationSpecification,
    InvalidPassword,
    ProtocolViolation,
    Severity,
    SqlError,
)
from sqlvec.core.scram import ScramVerifier

from ..dialogue import AWAIT, Dialogue, DialogueOf
from ..protocol.backend_messages import (
    AuthenticationSasl,
    AuthenticationSaslContinue,
    AuthenticationSaslFinal,
)
from ..protocol.frontend_messages import SaslInitialResponse, SaslResponse
from .method import Applicant

PLAIN = "SCRAM-SHA-256"
PLUS = "SCRAM-SHA-256-PLUS"
BINDING = "tls-server-end-point"

# The header about channel binding, the user's name, and the rest: RFC 5802, section 7.
_CLIENT_FIRST = re.compile(r"(?P<header>[^,]*,[^,]*,)(?P<bare>n=[^,]*(?P<rest>,.*))", re.DOTALL)


def scram(applicant: Applicant) -> Dialogue:
    """A user without a valid password goes through the same exchange, and fails at its end."""
    encryption = applicant.channel.encryption
    end_point = None if encryption is None else encryption.server_end_point
    offered = (PLUS, PLAIN) if end_point else (PLAIN,)
    yield AuthenticationSasl(offered)
    mechanism, first = yield from _choice()
    if mechanism not in offered:
        raise _malformed("client selected an invalid SASL authentication mechanism")
    verifier, fault = _verifier(applicant)
    with _scramp_errors(applicant.user, fault):
        server = _server(mechanism, verifier, end_point)
        _set_client_first(server, _text(first))
        challenge: str = server.get_server_first()
    yield AuthenticationSaslContinue(challenge.encode())
    answer = yield AWAIT
    assert isinstance(answer, SaslResponse)
    with _scramp_errors(applicant.user, fault):
        server.set_client_final(_text(answer.response))
        final: str = server.get_server_final()
    if fault is not None:  # never by a stand-in, whatever scramp says
        raise _wrong_password(applicant.user)
    yield AuthenticationSaslFinal(final.encode())


def _choice() -> DialogueOf[tuple[str, bytes]]:
    """The mechanism and the client's first message, which it may hold back until it is asked."""
    chosen = yield AWAIT
    assert isinstance(chosen, SaslInitialResponse)
    if chosen.response is not None:
        return chosen.mechanism, chosen.response
    yield AuthenticationSaslContinue(b"")
    answer = yield AWAIT
    assert isinstance(answer, SaslResponse)
    return chosen.mechanism, answer.response


def _verifier(applicant: Applicant) -> tuple[ScramVerifier, str | None]:
    """What to check against, and why it is only a stand-in, if it is one."""
    role = applicant.role
    if role is not None and role.verifier is not None and role.password_is_valid(datetime.now(UTC)):
        verifier = ScramVerifier.parse(role.verifier)
        if verifier is not None:
            return verifier, None
    fault = "no such role" if role is None else "the role has no valid password"
    return ScramVerifier.stand_in(applicant.user, applicant.mock_secret), fault


def _server(mechanism: str, verifier: ScramVerifier, end_point: bytes | None) -> ScramServer:
    known = verifier.salt, verifier.stored_key, verifier.server_key, verifier.iterations
    # Told also without PLUS: scramp then refuses a client that was made to believe there is no PLUS.
    binding = (BINDING, end_point) if end_point else None
    return ScramMechanism(mechanism).make_server(lambda user: known, channel_binding=binding)


def _set_client_first(server: ScramServer, message: str) -> None:
    """The user's name counts as in the start-up packet: libpq leaves it empty here, which scramp refuses."""
    match = _CLIENT_FIRST.fullmatch(message)
    if match is None:
        raise _malformed("malformed SCRAM message")
    server.set_client_first(f"{match['header']}n=user{match['rest']}")
    server.client_first_bare = match["bare"]  # as the client signs it


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError:
        raise _malformed("malformed SCRAM message") from None


@contextmanager
def _scramp_errors(user: str, fault: str | None) -> Iterator[None]:
    """The border of scramp; a note is for the log, which may say what the client must not learn."""
    try:
        yield
    except ScramException as error:
        translated = _translated(error, user)
        if fault is not None:
            translated.add_note(fault)
        raise translated from error


def _translated(error: ScramException, user: str) -> SqlError:
    match error.server_error:
        case ServerError.INVALID_PROOF:
            return _wrong_password(user)
        case ServerError.CHANNEL_BINDINGS_DONT_MATCH:
            return InvalidAuthorizationSpecification(
                "SCRAM channel binding check failed", severity=Severity.FATAL
            )
        case ServerError.SERVER_DOES_SUPPORT_CHANNEL_BINDING:
            return InvalidAuthorizationSpecification(
                "SCRAM channel binding negotiation error",
                detail="The client supports SCRAM channel binding but thinks the server does not.  However, "
                "this server does support channel binding.",
                severity=Severity.FATAL,
            )
        case _:
            return _malformed("malformed SCRAM message", detail=f"{error}.")


def _wrong_password(user: str) -> InvalidPassword:
    return InvalidPassword(f'password authentication failed for user "{user}"', severity=Severity.FATAL)


def _malformed(message: str, detail: str | None = None) -> ProtocolViolation:
    return ProtocolViolation(message, detail=detail, severity=Severity.FATAL)
