from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest

from sqlvec.wire.auth.channel import Channel
from sqlvec.wire.auth.hba import parse_rules
from sqlvec.wire.auth.rule import ClientCertificateDemand, Method, Rule, Transport, first_match
from sqlvec.wire.protocol.encryption import Encryption

TLS = Encryption("TLSv1.3", "cipher")


def test_a_line_is_a_rule() -> None:
    (rule,) = parse_rules(
        ['hostssl db,sameuser alice,"Bob B" 10.0.0.0/8,::1 cert clientcert=verify-full # why']
    )
    assert rule == Rule(
        Transport.ENCRYPTED,
        ("db", "sameuser"),
        ("alice", "Bob B"),
        (IPv4Network("10.0.0.0/8"), IPv6Network("::1/128")),
        Method.CERTIFICATE,
        ClientCertificateDemand.VERIFY_FULL,
    )


def test_empty_lines_and_comments_are_none() -> None:
    assert parse_rules(["", "  ", "# host all all all trust"]) == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("local all all trust", '"local" is not supported, as there is no Unix socket'),
        ("host all all trust", "expected TYPE DATABASE USER ADDRESS METHOD"),
        ("hosts all all all trust", 'connection type "hosts" is not one of host, hostssl, hostnossl'),
        ("host all all all md5", 'authentication method "md5" is not supported'),
        ("host all all all x", 'authentication method "x" is not one of trust, scram-sha-256, cert, reject'),
        ("host all +staff all trust", 'user "+staff" is not supported'),
        ("host replication all all trust", 'database "replication" is not supported'),
        ("host all all example.com trust", '"example.com" is not "all", an IP address or a range'),
        ("host all all 10.0.0.0/33 trust", '"10.0.0.0/33" is not "all", an IP address or a range'),
        ("host all all all cert", "a client certificate can be asked for in hostssl rules only"),
        ("hostssl all all all cert clientcert=verify-ca", 'method "cert" needs clientcert=verify-full'),
        ("hostssl all all all trust map=x", 'unknown option "map"'),
        ("hostssl all all all trust clientcert=1", 'clientcert "1" is not one of no, verify-ca, verify-full'),
        ('host all "all all trust', "No closing quotation"),
    ],
)
def test_a_bad_line_is_explained_and_shown(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as failure:
        parse_rules([line])
    assert str(failure.value).endswith(f'in "{line}"')


@pytest.mark.parametrize(
    ("line", "user", "database", "address", "encryption", "is_match"),
    [
        ("host all all all trust", "u", "d", "1.2.3.4", None, True),
        ("host all all all trust", "u", "d", "1.2.3.4", TLS, True),
        ("hostssl all all all trust", "u", "d", "1.2.3.4", None, False),
        ("hostssl all all all trust", "u", "d", "1.2.3.4", TLS, True),
        ("hostnossl all all all trust", "u", "d", "1.2.3.4", TLS, False),
        ("hostnossl all all all trust", "u", "d", "1.2.3.4", None, True),
        ("host d u 1.2.3.4 trust", "u", "d", "1.2.3.4", None, True),
        ("host d u 1.2.3.4 trust", "v", "d", "1.2.3.4", None, False),
        ("host d u 1.2.3.4 trust", "u", "e", "1.2.3.4", None, False),
        ("host d u 1.2.3.4 trust", "u", "d", "1.2.3.5", None, False),
        ("host sameuser all all trust", "u", "u", "1.2.3.4", None, True),
        ("host sameuser all all trust", "u", "d", "1.2.3.4", None, False),
        ("host all all 10.0.0.0/8 trust", "u", "d", "10.9.9.9", None, True),
        ("host all all 10.1.2.3/8 trust", "u", "d", "10.9.9.9", None, True),
        ("host all all ::/0 trust", "u", "d", "10.9.9.9", None, False),
        ("host all all ::/0 trust", "u", "d", "fe80::1", None, True),
    ],
)
def test_a_rule_is_about(
    line: str, user: str, database: str, address: str, encryption: Encryption | None, is_match: bool
) -> None:
    (rule,) = parse_rules([line])
    assert rule.matches(user, database, Channel(ip_address(address), encryption)) is is_match


def test_the_first_match_wins() -> None:
    rules = parse_rules(
        ["host all eve all reject", "host all all 127.0.0.1 trust", "host all all all reject"]
    )
    channel = Channel(ip_address("127.0.0.1"))
    assert [first_match(rules, user, "d", channel) for user in ("eve", "u")] == [rules[0], rules[1]]
    assert first_match(rules, "u", "d", Channel(ip_address("::1"))) is rules[2]
    assert first_match(rules[:2], "u", "d", Channel(ip_address("::1"))) is None


@pytest.mark.parametrize(
    ("line", "is_open"),
    [
        ("host all all all trust", True),
        ("hostssl all all 10.0.0.0/8 trust", True),
        ("host all all 127.0.0.1,10.0.0.1 trust", True),
        ("host all all 127.0.0.0/8,::1 trust", False),
        ("host all all all scram-sha-256", False),
        ("hostssl all all all trust clientcert=verify-ca", False),
    ],
)
def test_which_rules_trust_strangers(line: str, is_open: bool) -> None:
    assert parse_rules([line])[0].trusts_strangers() is is_open
