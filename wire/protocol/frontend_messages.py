"""Frontend messages: what a client may send in protocol 3.0, as values, in PostgreSQL's words.

Two travel both ways (CopyData, CopyDone) and live here. No SQL meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from .encryption import Encryption


class Target(Enum):
    """What Describe and Close speak of."""

    STATEMENT = b"S"
    PORTAL = b"P"


# Both directions


@dataclass(frozen=True, slots=True)
class CopyData:
    """A piece of COPY data; its borders mean nothing when it comes from a client."""

    piece: bytes


@dataclass(frozen=True, slots=True)
class CopyDone:
    """No more COPY data."""


# From the client, before there is a session


@dataclass(frozen=True, slots=True)
class SslRequest:
    """May we speak TLS?"""


@dataclass(frozen=True, slots=True)
class GssEncRequest:
    """May we speak GSSAPI encryption?"""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """TLS is established: no message, but the transport's word that from here on bytes are the client's own.

    It stands with the messages because it changes the phase as they do.
    """

    encryption: Encryption


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Interrupt what another connection runs."""

    process_id: int
    secret_key: int


@dataclass(frozen=True, slots=True)
class StartupMessage:
    """The wish for a session; `parameters` has 'user', perhaps 'database', and settings."""

    major: int
    minor: int
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PasswordMessage:
    """An answer to an authentication request that is not SASL's; it shares its letter with the next two."""

    body: bytes


@dataclass(frozen=True, slots=True)
class SaslInitialResponse:
    """The mechanism chosen of those offered, and its first message; None asks for an empty challenge."""

    mechanism: str
    response: bytes | None = None


@dataclass(frozen=True, slots=True)
class SaslResponse:
    """The answer to a challenge of the mechanism."""

    response: bytes


# From the client, in a session


@dataclass(frozen=True, slots=True)
class Query:
    """Run these statements (simple protocol)."""

    sql: str


@dataclass(frozen=True, slots=True)
class Parse:
    """Prepare a statement."""

    name: str
    sql: str
    parameter_oids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bind:
    """Make a portal of a prepared statement and its parameter values."""

    portal: str
    statement: str
    parameter_formats: tuple[int, ...] = ()
    parameters: tuple[bytes | None, ...] = ()
    result_formats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Describe:
    """What would come back?"""

    target: Target
    name: str


@dataclass(frozen=True, slots=True)
class Execute:
    """Run a portal; `max_rows` 0 means all."""

    portal: str
    max_rows: int = 0


@dataclass(frozen=True, slots=True)
class Close:
    """Forget a statement or a portal."""

    target: Target
    name: str


@dataclass(frozen=True, slots=True)
class Flush:
    """Send what is ready, I wait for it."""


@dataclass(frozen=True, slots=True)
class Sync:
    """End of an extended query: commit, or end the skipping after an error."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The old fast path; refused, so its body is not looked into."""

    body: bytes


@dataclass(frozen=True, slots=True)
class CopyFail:
    """The client gives up a COPY."""

    reason: str


@dataclass(frozen=True, slots=True)
class Terminate:
    """Goodbye."""


FrontendMessage: TypeAlias = (
    SslRequest
    | GssEncRequest
    | Encrypted
    | CancelRequest
    | StartupMessage
    | PasswordMessage
    | SaslInitialResponse
    | SaslResponse
    | Query
    | Parse
    | Bind
    | Describe
    | Execute
    | Close
    | Flush
    | Sync
    | FunctionCall
    | CopyData
    | CopyDone
    | CopyFail
    | Terminate
)
