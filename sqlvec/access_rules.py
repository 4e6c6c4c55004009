"""Access rules: who may come in, from what a server was told; refuses what would be open to strangers."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from sqlvec.wire.auth.rule import LOOPBACK, ClientCertificateDemand, Method, Rule, Transport

from .config import ConfigError, ServerConfig


def access_rules(config: ServerConfig, *, has_password: bool) -> tuple[Rule, ...]:
    """The rules that are in force. Raises ConfigError when they would let in anybody from the network."""
    rules = (
        config.hba
        if config.hba is not None
        else (_rule_for_everybody(config, _default_method(has_password=has_password)),)
    )
    is_open = any(rule.trusts_strangers() for rule in rules)
    if is_open and not config.allow_remote_trust and not _is_local(config.host):
        raise ConfigError(_warning(config))
    return rules


def _default_method(*, has_password: bool) -> Method:
    return Method.SCRAM if has_password else Method.TRUST


def _rule_for_everybody(config: ServerConfig, default: Method) -> Rule:
    match config.auth or default:
        case Method.TRUST if _is_local(config.host):
            return Rule(networks=LOOPBACK, method=Method.TRUST)
        case Method.CERTIFICATE:
            return Rule(
                Transport.ENCRYPTED,
                method=Method.CERTIFICATE,
                client_certificate=ClientCertificateDemand.VERIFY_FULL,
            )
        case method:
            return Rule(method=method)


def _is_local(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return False  # listening will fail, and say why
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


def _warning(config: ServerConfig) -> str:
    return (
        f"refusing to listen on {config.host} where anybody could come in without a password: "
        "set SQLVEC_PASSWORD or --password-file, choose another --auth or other --hba rules, listen on "
        "127.0.0.1, or say --allow-remote-trust if the network itself keeps strangers out"
    )
