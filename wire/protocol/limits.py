"""Limits: the greatest length of each message, checked before memory is taken for it.

A length counts itself (4 bytes) but not the type byte. The numbers are PostgreSQL's
(`PQ_LARGE_MESSAGE_LIMIT`, `PQ_SMALL_MESSAGE_LIMIT`, `MAX_STARTUP_PACKET_LENGTH`,
`PG_MAX_SASL_MESSAGE_LENGTH`), so that what it takes we take, and no more.
"""

from __future__ import annotations

from .frontend_messages import (
    Bind,
    Close,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    Execute,
    Flush,
    FrontendMessage,
    FunctionCall,
    Parse,
    PasswordMessage,
    Query,
    SaslInitialResponse,
    SaslResponse,
    Sync,
    Terminate,
)

SMALLEST_STARTUP_PACKET = 8  # length and code
GREATEST_STARTUP_PACKET = 10_000  # comes from strangers; user, database and some settings fit
CANCEL_REQUEST_LENGTH = 16  # length, code, process id, secret key

_SMALL = 10_000  # names and numbers only
_LARGE = 2**30 - 2  # values and statements: just below MaxAllocSize, 1 GiB - 1
_FROM_STRANGERS = 10_000  # no password is longer; PostgreSQL takes 65,535 for GSSAPI, which we do not speak
_SASL = 1024  # nonces, proofs and channel bindings

GREATEST_LENGTH: dict[type[FrontendMessage], int] = {
    Query: _LARGE,
    Parse: _LARGE,
    Bind: _LARGE,
    FunctionCall: _LARGE,
    CopyData: _LARGE,
    PasswordMessage: _FROM_STRANGERS,
    SaslInitialResponse: _SASL,
    SaslResponse: _SASL,
    Describe: _SMALL,
    Execute: _SMALL,
    Close: _SMALL,
    Flush: _SMALL,
    Sync: _SMALL,
    CopyDone: _SMALL,
    CopyFail: _SMALL,
    Terminate: _SMALL,
}
