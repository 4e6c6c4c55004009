"""Idle: idle_session_timeout and idle_in_transaction_session_timeout of a session as it stands."""

from __future__ import annotations

from sqlvec.core.errors import IdleInTransactionSessionTimeout, IdleSessionTimeout, Severity
from sqlvec.core.idle_limit import IdleLimit
from sqlvec.core.outcome import TransactionStatus
from sqlvec.core.settings.session import SessionSettings


def idle_limit(settings: SessionSettings, status: TransactionStatus) -> IdleLimit | None:
    """What the client has to keep to now; in a transaction the other timeout does not count."""
    is_idle = status is TransactionStatus.IDLE
    name = "idle_session_timeout" if is_idle else "idle_in_transaction_session_timeout"
    if settings.get(name) == "0":
        return None
    error = (
        IdleSessionTimeout("terminating connection due to idle-session timeout", severity=Severity.FATAL)
        if is_idle
        else IdleInTransactionSessionTimeout(
            "terminating connection due to idle-in-transaction timeout", severity=Severity.FATAL
        )
    )
    return IdleLimit(settings.integer(name) / 1000, error)
