"""Refusal: a client as the messages that turn it away describe it."""

from __future__ import annotations

from .channel import Channel


def described(user: str, database: str, channel: Channel) -> str:
    """In PostgreSQL's words; 'no encryption' is what tells a user that TLS is wanted."""
    encryption = "SSL encryption" if channel.encryption is not None else "no encryption"
    return f'host "{channel.address}", user "{user}", database "{database}", {encryption}'


def printable(text: str) -> str:
    """One line for the log, whatever a stranger calls himself."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
