"""Certificate: the client proves who it is by the TLS handshake."""

from __future__ import annotations

from sqlvec.core.errors import InvalidAuthorizationSpecification, Severity

from ..dialogue import Dialogue
from .channel import Channel
from .method import Applicant


def certificate(applicant: Applicant) -> Dialogue:
    """The common name of the client's certificate must be the user's name."""
    must_be_named(applicant.user, applicant.channel)
    yield from ()


def must_have_certificate(channel: Channel) -> None:
    """That it is signed by our authority and valid was seen by the handshake, or there were no channel."""
    if channel.encryption is None or channel.encryption.client_certificate is None:
        raise InvalidAuthorizationSpecification(
            "connection requires a valid client certificate", severity=Severity.FATAL
        )


def must_be_named(user: str, channel: Channel) -> None:
    """The client's certificate must be there, and `user`'s."""
    must_have_certificate(channel)
    assert channel.encryption is not None
    assert channel.encryption.client_certificate is not None
    if channel.encryption.client_certificate.common_name != user:
        raise InvalidAuthorizationSpecification(
            f'certificate authentication failed for user "{user}"', severity=Severity.FATAL
        )
