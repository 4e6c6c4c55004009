"""ErrorResponse: the fields of a report, from an SqlError or a Notice."""

from __future__ import annotations

from sqlvec.core.errors import Notice, Severity, SqlError

from .protocol.backend_messages import ErrorResponse, FatalErrorResponse, NoticeResponse


def error_response(error: SqlError) -> ErrorResponse:
    return ErrorResponse(_fields(error, error.severity))


def fatal_error_response(error: SqlError) -> FatalErrorResponse:
    """The report after which the connection ends, whatever the error's own severity."""
    return FatalErrorResponse(_fields(error, Severity.FATAL))


def notice_response(notice: Notice) -> NoticeResponse:
    fields = (
        ("S", notice.severity.value),
        ("V", notice.severity.value),
        ("C", notice.sqlstate),
        ("M", notice.message),
        ("D", notice.detail),
        ("H", notice.hint),
    )
    return NoticeResponse(tuple((letter, text) for letter, text in fields if text is not None))


def _fields(error: SqlError, severity: Severity) -> tuple[tuple[str, str], ...]:
    fields = (
        ("S", severity.value),  # would be localised; we speak English
        ("V", severity.value),
        ("C", error.sqlstate),
        ("M", error.message),
        ("D", error.detail),
        ("H", error.hint),
        ("P", None if error.position is None else str(error.position)),
        ("W", error.where),
        ("s", error.schema),
        ("t", error.table),
        ("c", error.column),
        ("n", error.constraint),
    )
    return tuple((letter, text) for letter, text in fields if text is not None)
