"""Reject: lets nobody in, to make an exception before a wider rule."""

from __future__ import annotations

from sqlvec.core.errors import InvalidAuthorizationSpecification, Severity

from ..dialogue import Dialogue
from .method import Applicant
from .refusal import described


def reject(applicant: Applicant) -> Dialogue:
    """Tells that a rule is the reason, as PostgreSQL does."""
    client = described(applicant.user, applicant.database, applicant.channel)
    yield from ()
    raise InvalidAuthorizationSpecification(
        f"pg_hba.conf rejects connection for {client}", severity=Severity.FATAL
    )
