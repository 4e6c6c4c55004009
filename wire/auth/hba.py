"""Hba: the list of rules as text, line by line: TYPE DATABASE USER ADDRESS METHOD [OPTIONS]."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from enum import Enum
from ipaddress import ip_network
from typing import TypeVar

from .rule import EVERY, ClientCertificateDemand, Method, Network, Rule, Transport

_Word = TypeVar("_Word", bound=Enum)

# The columns of a rule in the order of a line, and what they are when a table leaves them out.
_COLUMNS = {
    "type": Transport.ANY.value,
    "database": EVERY,
    "user": EVERY,
    "address": EVERY,
    "method": "",
    "clientcert": "",
}
_UNSUPPORTED_METHODS = frozenset(
    ("md5", "password", "gss", "sspi", "ident", "peer", "ldap", "radius", "pam", "bsd")
)


def parse_rules(lines: Iterable[str]) -> tuple[Rule, ...]:
    """One rule a line; what stands behind # is a comment. Raises ValueError that shows the line."""
    rules = []
    for line in lines:
        try:
            words = shlex.split(line, comments=True)
            if words:
                rules.append(_rule(words))
        except ValueError as error:
            raise ValueError(f'{error} in "{line.strip()}"') from error
    return tuple(rules)


def parse_table(given: Mapping[str, object]) -> Rule:
    """One rule as a table of TOML; what is left out is "all", and the type is host."""
    unknown = [key for key in given if key not in _COLUMNS]
    if unknown:
        raise ValueError(f'unknown key "{unknown[0]}" in a rule (there are: {", ".join(_COLUMNS)})')
    if "method" not in given:
        raise ValueError('a rule has no "method"')
    words = [_joined(key, given.get(key, default)) for key, default in list(_COLUMNS.items())[:5]]
    if "clientcert" in given:
        words.append(f"clientcert={given['clientcert']}")
    return _rule(words)


def parse_method(word: str) -> Method:
    if word in _UNSUPPORTED_METHODS:
        raise ValueError(f'authentication method "{word}" is not supported')
    return _one_of(Method, word, "authentication method")


def _rule(words: list[str]) -> Rule:
    if words[0] == "local":
        raise ValueError('"local" is not supported, as there is no Unix socket')
    if len(words) < 5:
        raise ValueError("expected TYPE DATABASE USER ADDRESS METHOD")
    transport = _one_of(Transport, words[0], "connection type")
    method = parse_method(words[4])
    demand = _demand(words[5:], method)
    if transport is not Transport.ENCRYPTED and demand is not ClientCertificateDemand.NONE:
        raise ValueError("a client certificate can be asked for in hostssl rules only")
    return Rule(
        transport,
        _names(words[1], "database"),
        _names(words[2], "user"),
        _networks(words[3]),
        method,
        demand,
    )


def _joined(key: str, given: object) -> str:
    written = given if isinstance(given, list) else [given]
    names = [name for name in written if isinstance(name, str)]
    if not names or len(names) != len(written):
        raise ValueError(f'"{key}" of a rule is neither a text nor a list of texts')
    return ",".join(names)


def _demand(options: list[str], method: Method) -> ClientCertificateDemand:
    # Its method says so, as in PostgreSQL; it can be said again.
    demand = (
        ClientCertificateDemand.VERIFY_FULL if method is Method.CERTIFICATE else ClientCertificateDemand.NONE
    )
    for option in options:
        name, _, value = option.partition("=")
        if name != "clientcert":
            raise ValueError(f'unknown option "{name}"')
        asked = _one_of(ClientCertificateDemand, value, "clientcert")
        if method is Method.CERTIFICATE and asked is not ClientCertificateDemand.VERIFY_FULL:
            raise ValueError('method "cert" needs clientcert=verify-full')
        demand = asked
    return demand


def _names(text: str, what: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    for name in names:
        if not name or name[0] in "+@/" or name in ("samerole", "samegroup", "replication"):
            raise ValueError(f'{what} "{name}" is not supported')
    return names


def _networks(text: str) -> tuple[Network, ...] | None:
    if text == EVERY:
        return None
    return tuple(_network(part) for part in text.split(","))


def _network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{text}" is not "all", an IP address or a range such as 10.0.0.0/8') from None


def _one_of(words: type[_Word], word: str, what: str) -> _Word:
    try:
        return words(word)
    except ValueError:
        choices = ", ".join(each.value for each in words)
        raise ValueError(f'{what} "{word}" is not one of {choices}') from None
