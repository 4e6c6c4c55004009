"""Rule: one line of the list that says who may come in from where, and by which method.

PostgreSQL's manual, "The pg_hba.conf File". Not taken: local (there is no Unix socket), host names,
samehost and samenet, regular expressions, files, and groups of roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

from .channel import Channel

Network: TypeAlias = IPv4Network | IPv6Network

EVERY = "all"
SAME_USER = "sameuser"

LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class Transport(Enum):
    """Which connections a rule is about."""

    ANY = "host"
    ENCRYPTED = "hostssl"
    PLAIN = "hostnossl"


class Method(Enum):
    """How a client proves who it is."""

    TRUST = "trust"
    SCRAM = "scram-sha-256"
    CERTIFICATE = "cert"
    REJECT = "reject"


class ClientCertificateDemand(Enum):
    """What else is wanted of a client's certificate."""

    NONE = "no"
    VERIFY_CA = "verify-ca"  # signed by our authority
    VERIFY_FULL = "verify-full"  # and the user's


@dataclass(frozen=True, slots=True)
class Rule:
    """`databases` and `users` may hold "all"; `networks` None is every address."""

    transport: Transport = Transport.ANY
    databases: tuple[str, ...] = (EVERY,)
    users: tuple[str, ...] = (EVERY,)
    networks: tuple[Network, ...] | None = None
    method: Method = Method.TRUST
    client_certificate: ClientCertificateDemand = ClientCertificateDemand.NONE

    def matches(self, user: str, database: str, channel: Channel) -> bool:
        return (
            self._is_about(channel)
            and (EVERY in self.users or user in self.users)
            and self._is_about_database(database, user)
            and (self.networks is None or any(channel.address in network for network in self.networks))
        )

    def _is_about_database(self, database: str, user: str) -> bool:
        return (
            EVERY in self.databases
            or database in self.databases
            or (SAME_USER in self.databases and database == user)
        )

    def _is_about(self, channel: Channel) -> bool:
        match self.transport:
            case Transport.ANY:
                return True
            case Transport.ENCRYPTED:
                return channel.encryption is not None
            case Transport.PLAIN:
                return channel.encryption is None

    def trusts_strangers(self) -> bool:
        """Whether it lets in anyone from beyond this machine without a proof."""
        if self.method is not Method.TRUST:
            return False
        if self.client_certificate is not ClientCertificateDemand.NONE:
            return False
        return self.networks is None or not all(map(is_loopback, self.networks))


def is_loopback(network: Network) -> bool:
    return network.is_loopback


def first_match(rules: Sequence[Rule], user: str, database: str, channel: Channel) -> Rule | None:
    """The rule that decides; a failure there is final, no later rule is tried."""
    return next((rule for rule in rules if rule.matches(user, database, channel)), None)
