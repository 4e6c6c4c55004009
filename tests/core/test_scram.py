from __future__ import annotations

import base64

import pytest
from psycopg import pq

from sqlvec.core.errors import FeatureNotSupported, InvalidParameterValue
from sqlvec.core.scram import ScramVerifier, verifier_to_store

# RFC 7677, section 3: user "user", password "pencil".
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
PENCIL = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


def test_the_rfcs_password_makes_its_keys() -> None:
    assert str(ScramVerifier.of_password("pencil", salt=SALT)) == PENCIL


@pytest.mark.parametrize(
    "password", ["pencil", "", "pa\u00a0ss", "Ⅸ", "I\u00adX", "\u0627\u0031", "\u0007", "ä€😀"]
)
def test_libpq_makes_the_same_verifier(password: str) -> None:
    connection = pq.PGconn.connect(
        b"host=invalid.invalid connect_timeout=1 port=1"
    )  # knows its encoding only
    made = connection.encrypt_password(password.encode(), b"u", b"scram-sha-256").decode()
    verifier = ScramVerifier.parse(made)
    assert verifier is not None
    assert verifier.accepts(password)
    assert not verifier.accepts(password + "x")


def test_a_verifier_survives_its_text() -> None:
    verifier = ScramVerifier.of_password("secret")
    assert ScramVerifier.parse(str(verifier)) == verifier


def test_every_verifier_has_its_own_salt() -> None:
    assert ScramVerifier.of_password("secret").salt != ScramVerifier.of_password("secret").salt


def test_keys_are_not_shown() -> None:
    assert "key" not in repr(ScramVerifier.of_password("secret"))


@pytest.mark.parametrize(
    "text",
    [
        "secret",
        "SCRAM-SHA-256$",
        PENCIL + "x",
        PENCIL[:-2],
        PENCIL.replace("4096", ""),
        PENCIL.replace("4096", "-4096"),
        PENCIL.replace("SHA-256", "SHA-1"),
        PENCIL.replace("==", "="),
        PENCIL.replace("wfPL", ""),
    ],
)
def test_what_is_no_verifier_is_a_password(text: str) -> None:
    assert ScramVerifier.parse(text) is None
    stored = ScramVerifier.parse(verifier_to_store(text))
    assert stored is not None
    assert stored.accepts(text)


def test_a_ready_made_verifier_is_stored_as_it_is() -> None:
    assert verifier_to_store(PENCIL) == PENCIL


@pytest.mark.parametrize(
    "text",
    [PENCIL.replace("4096", "1"), PENCIL.replace("4096", "10000001"), PENCIL.replace("W22ZaJ0SNY7soEsU", "")],
)
def test_a_verifier_nobody_could_log_in_with_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameterValue):
        verifier_to_store(text)


def test_md5_is_refused() -> None:
    with pytest.raises(FeatureNotSupported):
        verifier_to_store("md5" + "0" * 32)


def test_a_stand_in_keeps_its_salt_and_accepts_nothing() -> None:
    first, second = (ScramVerifier.stand_in("nobody", b"secret") for _ in range(2))
    assert first.salt == second.salt != ScramVerifier.stand_in("other", b"secret").salt
    assert first.iterations == ScramVerifier.of_password("x").iterations
    assert len(first.salt) == len(ScramVerifier.of_password("x").salt)
    assert not first.accepts("")
