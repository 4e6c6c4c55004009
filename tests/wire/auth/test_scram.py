"""SCRAM without a socket: scramp's client against the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from scramp import ScramClient

from sqlvec.core.login_role import LoginRole
from sqlvec.core.scram import ScramVerifier
from sqlvec.wire.auth.access import Access
from sqlvec.wire.auth.hba import parse_rules
from sqlvec.wire.protocol import frontend_messages as f
from tests.wire.client_side import read, split, startup, to_bytes
from tests.wire.transcript import ConversationPair

VERIFIER = str(ScramVerifier.of_password("secret"))
WRONG = "ErrorResponse FATAL 28P01 'password authentication failed for user \"{}\"'"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@dataclass
class KnownRoles:
    roles: Mapping[str, LoginRole]

    def find_role(self, name: str) -> LoginRole | None:
        return self.roles.get(name)


ROLES = {
    role.name: role
    for role in (
        LoginRole("alice", VERIFIER),
        LoginRole("without", None),
        LoginRole("expired", VERIFIER, valid_until=YESTERDAY),
        LoginRole("lasting", VERIFIER, valid_until=datetime.now(UTC) + timedelta(days=1)),
        LoginRole("group", VERIFIER, may_login=False),
        LoginRole("damaged", "SCRAM-SHA-256$?"),
    )
}


def pair_for(method: str = "scram-sha-256", *, has_tls: bool = False) -> ConversationPair:
    access = Access(parse_rules([f"host all all all {method}"]), KnownRoles(ROLES), b"mock")
    pair = ConversationPair(access, has_tls=has_tls)
    if has_tls:
        pair.shake_hands()
    return pair


def challenge_of(pair: ConversationPair, client: ScramClient, user: str) -> str:
    """The server's first message."""
    pair.exchange(to_bytes(startup(user=user)))
    # libpq leaves the name empty; the rest is as scramp makes it.
    first = client.get_client_first().replace("n=user", "n=")
    client.client_first_bare = client.client_first_bare.replace("n=user", "n=")
    message = f.SaslInitialResponse(client.mechanism_name, first.encode())
    ((letter, body),) = split(pair.exchange(to_bytes(message)))
    assert (letter, body[:4]) == ("R", b"\0\0\0\x0b")
    return body[4:].decode()


def log_in(pair: ConversationPair, user: str, password: str, binding: bytes | None = None) -> list[str]:
    mechanism = "SCRAM-SHA-256-PLUS" if binding else "SCRAM-SHA-256"
    client = ScramClient(
        [mechanism], "user", password, ("tls-server-end-point", binding) if binding else None
    )
    client.set_server_first(challenge_of(pair, client, user))
    answer = read(pair.exchange(to_bytes(f.SaslResponse(client.get_client_final().encode()))))
    if answer[0].startswith("Authentication 12 b'"):
        client.set_server_final(answer[0].removeprefix("Authentication 12 b'").rstrip("'"))
    return answer


def test_the_right_password_comes_in_and_the_server_proves_itself() -> None:
    answer = log_in(pair_for(), "alice", "secret")
    assert answer[1] == "Authentication 0"
    assert answer[-1] == "ReadyForQuery I"


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("alice", "wrong"),
        ("nobody", "secret"),
        ("without", "secret"),
        ("expired", "secret"),
        ("damaged", "x"),
    ],
)
def test_every_failure_looks_the_same(user: str, password: str) -> None:
    pair = pair_for()
    assert log_in(pair, user, password) == [WRONG.format(user)]
    assert pair.is_closed
    assert not pair.backend.sessions


@pytest.mark.parametrize(
    ("user", "password", "reason"),
    [
        ("alice", "wrong", ""),
        ("nobody", "x", "no such role; "),
        ("expired", "secret", "the role has no valid password; "),
    ],
)
def test_the_log_knows_why(user: str, password: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        log_in(pair_for(), user, password)
    assert caplog.messages == [
        f'password authentication failed for user "{user}"; {reason}'
        f'host "127.0.0.1", user "{user}", database "{user}", no encryption'
    ]


def test_a_name_cannot_forge_lines_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        pair_for("reject").exchange(to_bytes(startup(user="u\nINFO all is well")))
    assert "\n" not in caplog.text.strip()


def test_a_password_that_will_expire_is_good() -> None:
    assert log_in(pair_for(), "lasting", "secret")[-1] == "ReadyForQuery I"


def test_an_unknown_user_is_challenged_as_a_known_one() -> None:
    salts = set()
    for _ in range(2):
        challenge = challenge_of(pair_for(), ScramClient(["SCRAM-SHA-256"], "user", "x"), "nobody")
        nonce, salt, iterations = challenge.split(",")
        salts.add(salt)
    known = challenge_of(pair_for(), ScramClient(["SCRAM-SHA-256"], "user", "x"), "alice").split(",")
    assert len(salts) == 1
    assert [len(part) for part in known] == [len(nonce), len(salt), len(iterations)]
    assert known[2] == iterations


def test_a_role_that_may_not_log_in_is_told_after_its_password() -> None:
    answer = log_in(pair_for(), "group", "secret")
    assert answer[-1] == "ErrorResponse FATAL 28000 'role \"group\" is not permitted to log in'"


def test_trust_does_not_make_a_role_of_nobody() -> None:
    answer = read(pair_for("trust").exchange(to_bytes(startup(user="nobody"))))
    assert answer == ["ErrorResponse FATAL 28000 'role \"nobody\" does not exist'"]


def test_the_channel_is_bound_to_the_certificate() -> None:
    answer = log_in(pair_for(has_tls=True), "alice", "secret", b"end point")
    assert answer[-1] == "ReadyForQuery I"


def test_another_servers_certificate_fails() -> None:
    answer = log_in(pair_for(has_tls=True), "alice", "secret", b"somebody between")
    assert answer == ["ErrorResponse FATAL 28000 'SCRAM channel binding check failed'"]


def test_a_client_without_channel_binding_comes_in_over_tls() -> None:
    assert log_in(pair_for(has_tls=True), "alice", "secret")[-1] == "ReadyForQuery I"


@pytest.mark.parametrize(
    "final", ["", "c=biws", "c=biws,r=other,p=AAAA", "c=eSws,r={nonce},p=AAAA", "c=biws,r={nonce},p=?", "m=x"]
)
def test_a_bad_final_message_comes_to_nothing(final: str) -> None:
    pair = pair_for()
    challenge = challenge_of(pair, ScramClient(["SCRAM-SHA-256"], "user", "secret"), "alice")
    nonce = challenge.partition(",")[0].removeprefix("r=")
    (answer,) = read(pair.exchange(to_bytes(f.SaslResponse(final.format(nonce=nonce).encode()))))
    assert answer.startswith(("ErrorResponse FATAL 08P01", "ErrorResponse FATAL 28"))
    assert pair.is_closed


def test_a_proof_of_the_wrong_length_is_a_wrong_password() -> None:
    pair = pair_for()
    challenge = challenge_of(pair, ScramClient(["SCRAM-SHA-256"], "user", "secret"), "alice")
    nonce = challenge.partition(",")[0].removeprefix("r=")
    final = f"c=biws,r={nonce},p=AAAA".encode()
    assert read(pair.exchange(to_bytes(f.SaslResponse(final)))) == [WRONG.format("alice")]
