"""Backend messages: what a server may send in protocol 3.0, as values, in PostgreSQL's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sqlvec.core.outcome import TransactionStatus

from .frontend_messages import CopyData, CopyDone

# Before there is a session


@dataclass(frozen=True, slots=True)
class EncryptionRefused:
    """The byte 'N': no encryption, go on in the clear."""


@dataclass(frozen=True, slots=True)
class EncryptionAccepted:
    """The byte 'S': begin the TLS handshake."""


@dataclass(frozen=True, slots=True)
class NegotiateProtocolVersion:
    """We speak 3.`newest_minor` only, and do not know these `_pq_.` options."""

    newest_minor: int
    unknown_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthenticationOk:
    """You are who you say."""


@dataclass(frozen=True, slots=True)
class AuthenticationCleartextPassword:
    """Tell the password."""


@dataclass(frozen=True, slots=True)
class AuthenticationMd5Password:
    """Tell the password, hashed with `salt` (4 bytes)."""

    salt: bytes


@dataclass(frozen=True, slots=True)
class AuthenticationSasl:
    """Choose one of these mechanisms."""

    mechanisms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuthenticationSaslContinue:
    """A challenge of the chosen mechanism."""

    challenge: bytes


@dataclass(frozen=True, slots=True)
class AuthenticationSaslFinal:
    """The mechanism's last word."""

    outcome: bytes


@dataclass(frozen=True, slots=True)
class AuthenticationKerberosV5:
    """Kerberos; no living PostgreSQL sends it."""


@dataclass(frozen=True, slots=True)
class AuthenticationGss:
    """GSSAPI."""


@dataclass(frozen=True, slots=True)
class AuthenticationSspi:
    """SSPI, Windows' GSSAPI."""


@dataclass(frozen=True, slots=True)
class AuthenticationGssContinue:
    """A challenge of GSSAPI or SSPI."""

    challenge: bytes


@dataclass(frozen=True, slots=True)
class BackendKeyData:
    """What a CancelRequest must tell to reach this session."""

    process_id: int
    secret_key: int


# In a session


@dataclass(frozen=True, slots=True)
class ParameterStatus:
    """A setting's value now."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ReadyForQuery:
    """Your turn."""

    status: TransactionStatus


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One column of a RowDescription."""

    name: str
    table_oid: int
    attribute_number: int
    type_oid: int
    type_length: int
    typmod: int
    format: int


@dataclass(frozen=True, slots=True)
class RowDescription:
    """The columns of the rows to come."""

    fields: tuple[FieldDescription, ...]


@dataclass(frozen=True, slots=True)
class DataRow:
    """One row; None is NULL."""

    values: tuple[bytes | None, ...]


@dataclass(frozen=True, slots=True)
class DataRowBlock:
    """Many DataRow messages, laid out already (wire/rows.py): no object per row."""

    encoded: bytes


@dataclass(frozen=True, slots=True)
class CommandComplete:
    """A statement is done; `tag` is such as 'SELECT 3'."""

    tag: str


@dataclass(frozen=True, slots=True)
class EmptyQueryResponse:
    """The query string held no statement."""


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """A failure; `fields` are (code letter, text) in PostgreSQL's order."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FatalErrorResponse:
    """An ErrorResponse after which the connection ends: its own class, as it changes the phase."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NoticeResponse:
    """A message that fails nothing."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NotificationResponse:
    """NOTIFY."""

    process_id: int
    channel: str
    payload: str


@dataclass(frozen=True, slots=True)
class ParseComplete:
    """Prepared."""


@dataclass(frozen=True, slots=True)
class BindComplete:
    """Bound."""


@dataclass(frozen=True, slots=True)
class CloseComplete:
    """Closed, or there was nothing to close."""


@dataclass(frozen=True, slots=True)
class ParameterDescription:
    """The parameter types of a prepared statement."""

    oids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NoData:
    """No rows will come back."""


@dataclass(frozen=True, slots=True)
class PortalSuspended:
    """The row limit is reached; Execute again for more."""


@dataclass(frozen=True, slots=True)
class FunctionCallResponse:
    """The result of a FunctionCall."""

    value: bytes | None


@dataclass(frozen=True, slots=True)
class CopyInResponse:
    """Send COPY data."""

    is_binary: bool
    column_formats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CopyOutResponse:
    """COPY data comes."""

    is_binary: bool
    column_formats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CopyBothResponse:
    """COPY data goes both ways (replication)."""

    is_binary: bool
    column_formats: tuple[int, ...]


BackendMessage: TypeAlias = (
    EncryptionRefused
    | EncryptionAccepted
    | NegotiateProtocolVersion
    | AuthenticationOk
    | AuthenticationCleartextPassword
    | AuthenticationMd5Password
    | AuthenticationSasl
    | AuthenticationSaslContinue
    | AuthenticationSaslFinal
    | AuthenticationKerberosV5
    | AuthenticationGss
    | AuthenticationSspi
    | AuthenticationGssContinue
    | BackendKeyData
    | ParameterStatus
    | ReadyForQuery
    | RowDescription
    | DataRow
    | DataRowBlock
    | CommandComplete
    | EmptyQueryResponse
    | ErrorResponse
    | FatalErrorResponse
    | NoticeResponse
    | NotificationResponse
    | ParseComplete
    | BindComplete
    | CloseComplete
    | ParameterDescription
    | NoData
    | PortalSuspended
    | FunctionCallResponse
    | CopyInResponse
    | CopyOutResponse
    | CopyBothResponse
    | CopyData
    | CopyDone
)
