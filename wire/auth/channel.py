"""Channel: the way by which a client reached us."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias

from ..protocol.encryption import Encryption

Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Channel:
    """The client's address, and the encryption, if there is any."""

    address: Address
    encryption: Encryption | None = None
