"""Logins with broken bytes: a clean refusal, never a bug of ours and never a session."""

from __future__ import annotations

import random

import pytest

from sqlvec.core.scram import ScramVerifier
from sqlvec.wire.auth.access import Access
from sqlvec.wire.auth.hba import parse_rules
from sqlvec.wire.auth.roles import AnyRole
from sqlvec.wire.protocol import frontend_messages as f
from tests.wire.client_side import startup, to_bytes
from tests.wire.transcript import ConversationPair

ROUNDS = 400  # of each seed
ACCESS = Access(
    parse_rules(["host all all all scram-sha-256"]), AnyRole({"u": str(ScramVerifier.of_password("secret"))})
)
FIRST = (b"n,,n=,r=abcdefghijkl", b"p=tls-server-end-point,,n=u,r=abcdefghijkl", b"y,,n=\xc3\xa4,r=x,e=1")
FINAL = (b"c=biws,r=abcdefghijkl,p=AAAA", b"c=biws,r=x,p=" + b"A" * 44)


def broken(source: random.Random, whole: bytes) -> bytes:
    """A few bytes changed, taken out or put in."""
    octets = bytearray(whole)
    for _ in range(source.choice((0, 0, 1, 1, 2, 5))):
        place = source.randrange(len(octets) + 1)
        match source.randrange(3):
            case 0:
                octets[place : place + 1] = bytes([source.choice(b"\0\x01,=npyrcme\xff\xc3A/+%")])
            case 1:
                del octets[place : place + source.randrange(1, 4)]
            case _:
                octets[place:place] = bytes([source.choice(b"\0,=npyr\xff")]) * source.choice((1, 1, 200))
    return bytes(octets)


@pytest.mark.parametrize("seed", range(8))
def test_a_broken_login_is_refused(seed: int) -> None:
    source = random.Random(seed)
    for _ in range(ROUNDS):
        pair = ConversationPair(ACCESS, has_tls=True)
        if source.random() < 0.5:
            pair.shake_hands()
        mechanism = source.choice(("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"))
        first = f.SaslInitialResponse(mechanism, broken(source, source.choice(FIRST)))
        final = f.SaslResponse(broken(source, source.choice(FINAL)))
        answers = b""
        for message in (startup(user="u"), first, final):
            sent = to_bytes(message)
            answers += pair.exchange(broken(source, sent) if source.random() < 0.2 else sent)
        assert b"XX000" not in answers, answers
        assert b"R\0\0\0\x08\0\0\0\0" not in answers, "it came in"
        assert not pair.backend.sessions
