"""Access: the decision who comes in, by the rules, the roles and the methods."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from sqlvec.core.errors import InvalidAuthorizationSpecification, Severity, SqlError
from sqlvec.core.login_role import LoginRole

from ..dialogue import DialogueOf
from .certificate import certificate, must_be_named, must_have_certificate
from .channel import Channel
from .method import Applicant, AuthenticationMethod
from .refusal import described, printable
from .reject import reject
from .roles import AnyRole, Roles
from .rule import ClientCertificateDemand, Method, Rule, first_match
from .scram import scram
from .trust import trust

logger = logging.getLogger(__name__)

METHODS: dict[Method, AuthenticationMethod] = {
    Method.TRUST: trust,
    Method.SCRAM: scram,
    Method.CERTIFICATE: certificate,
    Method.REJECT: reject,
}


class Access:
    """One for all clients of a server. Without arguments everybody comes in."""

    def __init__(
        self,
        rules: Sequence[Rule] = (Rule(),),
        roles: Roles | None = None,
        mock_secret: bytes | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self._roles: Roles = AnyRole() if roles is None else roles
        self._mock_secret = secrets.token_bytes(32) if mock_secret is None else mock_secret

    def authenticate(self, user: str, database: str, channel: Channel) -> DialogueOf[LoginRole]:
        """The role that has proved itself; raises 28000, 28P01 or 08P01, and says so in the log."""
        try:
            return (yield from self._authenticate(user, database, channel))
        except SqlError as error:
            notes = getattr(error, "__notes__", [])
            logger.info(
                "%s", printable("; ".join((error.message, *notes, described(user, database, channel))))
            )
            raise

    def _authenticate(self, user: str, database: str, channel: Channel) -> DialogueOf[LoginRole]:
        rule = first_match(self._rules, user, database, channel)
        if rule is None:
            raise _refused(f"no pg_hba.conf entry for {described(user, database, channel)}")
        _check_certificate_is_there(rule, channel)
        role = self._roles.find_role(user)
        yield from METHODS[rule.method](Applicant(user, database, channel, role, self._mock_secret))
        if rule.client_certificate is ClientCertificateDemand.VERIFY_FULL:
            must_be_named(user, channel)
        if role is None:
            raise _refused(f'role "{user}" does not exist')
        if not role.may_login:
            raise _refused(f'role "{user}" is not permitted to log in')
        return role


def _check_certificate_is_there(rule: Rule, channel: Channel) -> None:
    # Before the password is asked for, as in PostgreSQL.
    if rule.client_certificate is not ClientCertificateDemand.NONE:
        must_have_certificate(channel)


def _refused(message: str) -> InvalidAuthorizationSpecification:
    return InvalidAuthorizationSpecification(message, severity=Severity.FATAL)
