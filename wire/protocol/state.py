"""State: the phases of a connection and the tables that change them.

Two rules. Every phase change is in these tables; no other module assigns a phase. This file knows the
names of messages, not their bytes and not SQL.

A phase without a row in RECEIVED reads nothing: the server speaks first, and what the client sent
ahead waits (so pipelining needs no queue). A message that is not in its phase's row is a violation of
the protocol if it was received, and our bug if it was sent.

What is *not* here: the transaction status (I/T/E) and the life of a portal, which are the database's.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from .backend_messages import (
    AuthenticationCleartextPassword,
    AuthenticationGss,
    AuthenticationGssContinue,
    AuthenticationKerberosV5,
    AuthenticationMd5Password,
    AuthenticationOk,
    AuthenticationSasl,
    AuthenticationSaslContinue,
    AuthenticationSaslFinal,
    AuthenticationSspi,
    BackendKeyData,
    BackendMessage,
    BindComplete,
    CloseComplete,
    CommandComplete,
    CopyInResponse,
    CopyOutResponse,
    DataRow,
    DataRowBlock,
    EmptyQueryResponse,
    EncryptionAccepted,
    EncryptionRefused,
    ErrorResponse,
    FatalErrorResponse,
    FunctionCallResponse,
    NegotiateProtocolVersion,
    NoData,
    NoticeResponse,
    NotificationResponse,
    ParameterDescription,
    ParameterStatus,
    ParseComplete,
    PortalSuspended,
    ReadyForQuery,
    RowDescription,
)
from .frontend_messages import (
    Bind,
    CancelRequest,
    Close,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    Encrypted,
    Execute,
    Flush,
    FrontendMessage,
    FunctionCall,
    GssEncRequest,
    Parse,
    PasswordMessage,
    Query,
    SaslInitialResponse,
    SaslResponse,
    SslRequest,
    StartupMessage,
    Sync,
    Terminate,
)


class Phase(Enum):
    """Where a connection stands."""

    STARTUP = "start-up"
    ENCRYPTION = "encryption"  # asked for encryption, not answered yet
    HANDSHAKE = "TLS handshake"  # the transport's turn
    ENCRYPTED_STARTUP = "start-up, encrypted"
    AUTHENTICATION = "authentication"
    SASL_CHOICE = "SASL choice"  # mechanisms were offered
    SASL = "SASL"  # the server has an answer to judge
    SASL_CHALLENGE = "SASL challenge"
    STARTING = "starting"  # who it is, is known; the session opens
    IDLE = "idle"
    SIMPLE_QUERY = "simple query"
    EXTENDED_QUERY = "extended query"
    SYNCING = "syncing"
    SKIP_TO_SYNC = "skip to Sync"  # after an error in an extended query
    COPY_IN = "copy in"
    COPY_IN_EXTENDED = "copy in, extended"
    CLOSED = "closed"

    # Enum hashes by name, in Python: a tenth of a short statement's time. Members are single objects.
    __hash__ = object.__hash__


Received: TypeAlias = dict[type[FrontendMessage], Phase]
Sent: TypeAlias = dict[type[BackendMessage], Phase]

_EXTENDED: tuple[type[FrontendMessage], ...] = (Parse, Bind, Describe, Execute, Close)
_COPY: tuple[type[FrontendMessage], ...] = (CopyData, CopyDone, CopyFail)

# What a client may send between two statements, or between the messages of an extended query.
_REQUESTS: Received = {
    Query: Phase.SIMPLE_QUERY,
    FunctionCall: Phase.SIMPLE_QUERY,  # refused, and answered by ReadyForQuery as a Query is
    **dict.fromkeys(_EXTENDED, Phase.EXTENDED_QUERY),
    Sync: Phase.SYNCING,
    Terminate: Phase.CLOSED,
}

RECEIVED: dict[Phase, Received] = {
    Phase.STARTUP: {
        SslRequest: Phase.ENCRYPTION,
        GssEncRequest: Phase.ENCRYPTION,
        StartupMessage: Phase.AUTHENTICATION,
        CancelRequest: Phase.CLOSED,
        Encrypted: Phase.ENCRYPTED_STARTUP,  # direct TLS, PostgreSQL 17's sslnegotiation=direct
    },
    Phase.HANDSHAKE: {Encrypted: Phase.ENCRYPTED_STARTUP},
    # Asking for encryption within encryption is a violation.
    Phase.ENCRYPTED_STARTUP: {StartupMessage: Phase.AUTHENTICATION, CancelRequest: Phase.CLOSED},
    Phase.AUTHENTICATION: {PasswordMessage: Phase.AUTHENTICATION, Terminate: Phase.CLOSED},
    Phase.SASL_CHOICE: {SaslInitialResponse: Phase.SASL, Terminate: Phase.CLOSED},
    Phase.SASL_CHALLENGE: {SaslResponse: Phase.SASL, Terminate: Phase.CLOSED},
    Phase.IDLE: {**_REQUESTS, Flush: Phase.IDLE, **dict.fromkeys(_COPY, Phase.IDLE)},
    Phase.EXTENDED_QUERY: {
        **_REQUESTS,
        Flush: Phase.EXTENDED_QUERY,
        **dict.fromkeys(_COPY, Phase.EXTENDED_QUERY),
    },
    Phase.SKIP_TO_SYNC: {
        **dict.fromkeys((Query, FunctionCall, Flush, *_EXTENDED, *_COPY), Phase.SKIP_TO_SYNC),
        Sync: Phase.SYNCING,
        Terminate: Phase.CLOSED,
    },
    Phase.COPY_IN: {
        CopyData: Phase.COPY_IN,
        CopyDone: Phase.SIMPLE_QUERY,
        CopyFail: Phase.SIMPLE_QUERY,
        Flush: Phase.COPY_IN,
        Sync: Phase.COPY_IN,
        Terminate: Phase.CLOSED,
    },
    Phase.COPY_IN_EXTENDED: {
        CopyData: Phase.COPY_IN_EXTENDED,
        CopyDone: Phase.EXTENDED_QUERY,
        CopyFail: Phase.EXTENDED_QUERY,
        Flush: Phase.COPY_IN_EXTENDED,
        Sync: Phase.COPY_IN_EXTENDED,
        Terminate: Phase.CLOSED,
    },
}

# Legal there, but nobody's business: length-checked and dropped, never decoded.
DROPPED: dict[Phase, frozenset[type[FrontendMessage]]] = {
    # The rest of a COPY that failed on our side; the client did not know yet.
    Phase.IDLE: frozenset(_COPY),
    Phase.EXTENDED_QUERY: frozenset(_COPY),
    Phase.SKIP_TO_SYNC: frozenset((Query, FunctionCall, Flush, *_EXTENDED, *_COPY)),
    # libpq sends Execute and Sync at once, before it knows that the Execute starts a COPY.
    Phase.COPY_IN: frozenset((Flush, Sync)),
    Phase.COPY_IN_EXTENDED: frozenset((Flush, Sync)),
}

# The letter p is three messages; which one it is, only the phase tells.
ANSWER_TO_CHALLENGE: dict[Phase, type[FrontendMessage]] = {
    Phase.AUTHENTICATION: PasswordMessage,
    Phase.SASL_CHOICE: SaslInitialResponse,
    Phase.SASL_CHALLENGE: SaslResponse,
}

# Phases in which a packet has no letter: the first ones of a connection.
STARTUP_PHASES = frozenset((Phase.STARTUP, Phase.ENCRYPTED_STARTUP))

# Phases in which nobody has said yet whom it wants to be.
BEFORE_STARTUP_MESSAGE = STARTUP_PHASES | {Phase.ENCRYPTION, Phase.HANDSHAKE}

# What may come at any time, and changes nothing.
_ASIDES: tuple[type[BackendMessage], ...] = (NoticeResponse, ParameterStatus, NotificationResponse)
_COPY_OUT: tuple[type[BackendMessage], ...] = (CopyOutResponse, CopyData, CopyDone)
_CHALLENGES: tuple[type[BackendMessage], ...] = (
    AuthenticationCleartextPassword,
    AuthenticationMd5Password,
    AuthenticationKerberosV5,
    AuthenticationGss,
    AuthenticationSspi,
    AuthenticationGssContinue,
)
_SIMPLE_ANSWERS: tuple[type[BackendMessage], ...] = (
    RowDescription,
    DataRow,
    DataRowBlock,
    CommandComplete,
    EmptyQueryResponse,
    ErrorResponse,
    FunctionCallResponse,
    *_COPY_OUT,
    *_ASIDES,
)
_EXTENDED_ANSWERS: tuple[type[BackendMessage], ...] = (
    ParseComplete,
    BindComplete,
    CloseComplete,
    ParameterDescription,
    RowDescription,
    NoData,
    DataRow,
    DataRowBlock,
    CommandComplete,
    EmptyQueryResponse,
    PortalSuspended,
    *_COPY_OUT,
    *_ASIDES,
)
_END: Sent = {FatalErrorResponse: Phase.CLOSED}

SENT: dict[Phase, Sent] = {
    Phase.STARTUP: _END,
    Phase.ENCRYPTION: {EncryptionRefused: Phase.STARTUP, EncryptionAccepted: Phase.HANDSHAKE, **_END},
    Phase.HANDSHAKE: _END,
    Phase.ENCRYPTED_STARTUP: _END,
    Phase.AUTHENTICATION: {
        NegotiateProtocolVersion: Phase.AUTHENTICATION,
        **dict.fromkeys(_CHALLENGES, Phase.AUTHENTICATION),
        AuthenticationSasl: Phase.SASL_CHOICE,
        AuthenticationOk: Phase.STARTING,
        **_END,
    },
    Phase.SASL_CHOICE: _END,
    Phase.SASL: {
        AuthenticationSaslContinue: Phase.SASL_CHALLENGE,
        AuthenticationSaslFinal: Phase.AUTHENTICATION,  # done: AuthenticationOk follows
        **_END,
    },
    Phase.SASL_CHALLENGE: _END,
    Phase.STARTING: {
        **dict.fromkeys((BackendKeyData, *_ASIDES), Phase.STARTING),
        ReadyForQuery: Phase.IDLE,
        **_END,
    },
    Phase.IDLE: {
        **dict.fromkeys(_ASIDES, Phase.IDLE),
        ErrorResponse: Phase.SKIP_TO_SYNC,  # a Flush that cannot be read: it is of the extended protocol
        **_END,
    },
    Phase.SIMPLE_QUERY: {
        **dict.fromkeys(_SIMPLE_ANSWERS, Phase.SIMPLE_QUERY),
        CopyInResponse: Phase.COPY_IN,
        ReadyForQuery: Phase.IDLE,
        **_END,
    },
    Phase.EXTENDED_QUERY: {
        **dict.fromkeys(_EXTENDED_ANSWERS, Phase.EXTENDED_QUERY),
        CopyInResponse: Phase.COPY_IN_EXTENDED,
        ErrorResponse: Phase.SKIP_TO_SYNC,
        **_END,
    },
    Phase.SYNCING: {
        **dict.fromkeys((ErrorResponse, *_ASIDES), Phase.SYNCING),
        ReadyForQuery: Phase.IDLE,
        **_END,
    },
    Phase.SKIP_TO_SYNC: {**dict.fromkeys(_ASIDES, Phase.SKIP_TO_SYNC), **_END},
    Phase.COPY_IN: {
        **dict.fromkeys(_ASIDES, Phase.COPY_IN),
        ErrorResponse: Phase.SIMPLE_QUERY,
        **_END,
    },
    Phase.COPY_IN_EXTENDED: {
        **dict.fromkeys(_ASIDES, Phase.COPY_IN_EXTENDED),
        ErrorResponse: Phase.SKIP_TO_SYNC,
        **_END,
    },
    Phase.CLOSED: {},
}
