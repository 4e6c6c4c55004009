"""LoginRole: what has to be known of a role when somebody logs in as it; columns of pg_authid."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

NO_LIMIT = -1


@dataclass(frozen=True, slots=True)
class LoginRole:
    """One reading of the catalog: what changes later concerns the next login."""

    name: str
    verifier: str | None = field(default=None, repr=False)  # as core/scram.py writes it; None: no password
    may_login: bool = True
    is_superuser: bool = False
    connection_limit: int = NO_LIMIT
    valid_until: datetime | None = None  # of the password; with a time zone

    def password_is_valid(self, now: datetime) -> bool:
        """Whether there is a password and it has not expired."""
        return self.verifier is not None and (self.valid_until is None or now < self.valid_until)
