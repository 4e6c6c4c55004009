from __future__ import annotations

from typing import Any

import pytest

from sqlvec.access_rules import access_rules
from sqlvec.config import ConfigError, ServerConfig
from sqlvec.wire.auth.hba import parse_rules
from sqlvec.wire.auth.rule import Method

LOOPBACK = "127.0.0.0/8,::1/128"


@pytest.mark.parametrize(
    ("options", "has_password", "line"),
    [
        ({}, False, f"host all all {LOOPBACK} trust"),
        ({"host": "localhost"}, False, f"host all all {LOOPBACK} trust"),
        ({"host": "127.0.0.2"}, False, f"host all all {LOOPBACK} trust"),
        ({}, True, "host all all all scram-sha-256"),
        ({"host": "0.0.0.0"}, True, "host all all all scram-sha-256"),
        ({"host": "0.0.0.0", "auth": Method.REJECT}, False, "host all all all reject"),
        ({"host": "0.0.0.0", "auth": Method.CERTIFICATE}, False, "hostssl all all all cert"),
        ({"host": "0.0.0.0", "allow_remote_trust": True}, False, "host all all all trust"),
        ({"host": "0.0.0.0", "allow_remote_trust": True}, True, "host all all all scram-sha-256"),
        (
            {"host": "0.0.0.0", "hba": parse_rules([f"host all all {LOOPBACK} trust"])},
            False,
            f"host all all {LOOPBACK} trust",
        ),
    ],
)
def test_the_rules_in_force(options: dict[str, Any], has_password: bool, line: str):
    assert access_rules(ServerConfig(**options), has_password=has_password) == parse_rules([line])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
@pytest.mark.parametrize(
    "options", [{}, {"auth": Method.TRUST}, {"hba": parse_rules(["host all u all trust"])}]
)
def test_strangers_are_not_let_in_by_accident(host: str, options: dict[str, Any]):
    with pytest.raises(ConfigError, match=f"refusing to listen on {host} where anybody could come in"):
        access_rules(ServerConfig(host=host, **options), has_password=False)


def test_a_list_on_this_machine_may_trust_everybody():
    rules = parse_rules(["host all all all trust"])
    assert access_rules(ServerConfig(hba=rules), has_password=False) == rules
