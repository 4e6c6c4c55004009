"""ScramVerifier: what is stored in place of a password.

RFC 5802, section 3, with SHA-256 (RFC 7677), in the form of PostgreSQL's pg_authid.rolpassword:
SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, the last three in base64. It proves that a
client knows the password, and a thief of it can neither log in with it nor read the password from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Self

from scramp.utils import ScramException, saslprep

from .errors import FeatureNotSupported, InvalidParameterValue

ITERATIONS = 4096  # RFC 7677's least and PostgreSQL's default
SALT_LENGTH = 16  # bytes; PostgreSQL's SCRAM_DEFAULT_SALT_LEN
GREATEST_ITERATIONS = 10_000_000  # scramp's; a verifier with more would be a way to stop its own client
SMALLEST_SALT = 12  # bytes; scramp's

_KEY_LENGTH = hashlib.sha256().digest_size
_FORM = re.compile(r"SCRAM-SHA-256\$(\d{1,10}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)")
_MD5 = re.compile(r"md5[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ScramVerifier:
    """The salt, its iterations, and the two keys that a password makes with them."""

    iterations: int
    salt: bytes
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)

    @classmethod
    def of_password(cls, password: str, *, iterations: int = ITERATIONS, salt: bytes | None = None) -> Self:
        """A verifier for a password, by default with a new salt."""
        salt = secrets.token_bytes(SALT_LENGTH) if salt is None else salt
        salted = hashlib.pbkdf2_hmac("sha256", _prepared(password), salt, iterations)
        stored_key = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
        return cls(iterations, salt, stored_key, _hmac(salted, b"Server Key"))

    @classmethod
    def stand_in(cls, role: str, secret: bytes) -> Self:
        """For a role without a password: no password matches it, and it looks like every other.

        The same role must get the same salt each time, or two attempts would tell it from a real one:
        PostgreSQL's scram_mock_salt.
        """
        salt = _hmac(secret, role.encode())[:SALT_LENGTH]
        return cls(ITERATIONS, salt, secrets.token_bytes(_KEY_LENGTH), secrets.token_bytes(_KEY_LENGTH))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The verifier that `str()` wrote, or PostgreSQL; None if the text has not its form."""
        match = _FORM.fullmatch(text)
        if match is None:
            return None
        try:
            salt, stored_key, server_key = (
                base64.b64decode(match[number], validate=True) for number in (2, 3, 4)
            )
        except binascii.Error:
            return None
        if len(stored_key) != _KEY_LENGTH or len(server_key) != _KEY_LENGTH:
            return None
        return cls(int(match[1]), salt, stored_key, server_key)

    def __str__(self) -> str:
        salt, stored_key, server_key = (
            base64.b64encode(part).decode() for part in (self.salt, self.stored_key, self.server_key)
        )
        return f"SCRAM-SHA-256${self.iterations}:{salt}${stored_key}:{server_key}"

    def accepts(self, password: str) -> bool:
        """Whether this is the password; takes as long for a wrong one."""
        other = ScramVerifier.of_password(password, iterations=self.iterations, salt=self.salt)
        return hmac.compare_digest(other.stored_key, self.stored_key)


def verifier_to_store(given: str) -> str:
    """What to store for CREATE ROLE ... PASSWORD 'given': a password, or a verifier that was made elsewhere.

    Raises 0A000 for an MD5 hash, and 22023 for a verifier that no client could log in with.
    """
    if _MD5.fullmatch(given):
        raise FeatureNotSupported(
            "MD5 passwords are not supported", hint="Use the password itself or a SCRAM-SHA-256 verifier."
        )
    ready = ScramVerifier.parse(given)
    if ready is None:
        return str(ScramVerifier.of_password(given))
    if not ITERATIONS <= ready.iterations <= GREATEST_ITERATIONS or len(ready.salt) < SMALLEST_SALT:
        raise InvalidParameterValue(
            "SCRAM verifier is out of range",
            detail=f"It needs {ITERATIONS} to {GREATEST_ITERATIONS} iterations and a salt of at least "
            f"{SMALLEST_SALT} bytes.",
        )
    return given


def _prepared(password: str) -> bytes:
    """SASLprep (RFC 4013); what it prohibits is taken as it is, by PostgreSQL's server and by libpq."""
    try:
        prepared: str = saslprep(password)
    except ScramException:
        prepared = password
    return prepared.encode()


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
