"""Roles: the port through which logins ask the database who exists."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from sqlvec.core.login_role import LoginRole

_NONE: Mapping[str, str] = MappingProxyType({})


class Roles(Protocol):
    """Satisfied by shape; called in worker threads, from several at a time."""

    def find_role(self, name: str) -> LoginRole | None:
        """The role as the last commit left it; None when there is none of that name."""
        ...


class AnyRole:
    """Every name is a superuser's, for as long as the database has no roles of its own."""

    def __init__(self, verifiers: Mapping[str, str] = _NONE) -> None:
        self._verifiers = verifiers

    def find_role(self, name: str) -> LoginRole | None:
        return LoginRole(name, self._verifiers.get(name), is_superuser=True)
