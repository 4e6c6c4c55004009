"""RoleSpec: a role where a statement names one."""

from __future__ import annotations

from typing import Literal

from sqlvec.core.errors import ReservedName

from ..statements import RoleSpec
from .cursor import Cursor
from .lexeme import Kind

_WORDS: dict[str, Literal["current_user", "session_user"]] = {
    "current_user": "current_user",
    "current_role": "current_user",
    "session_user": "session_user",
}


def parse_role(cursor: Cursor, *, allow_public: bool = False) -> RoleSpec:
    """A name, CURRENT_USER and its kin, or PUBLIC, which is a name of nobody elsewhere."""
    position = cursor.position
    is_word = cursor.at_kind(Kind.WORD)
    word = cursor.word()
    if is_word and word in _WORDS:
        cursor.index += 1
        return RoleSpec(word, _WORDS[word], position)
    name = cursor.non_reserved()
    if name == "public" and allow_public:
        return RoleSpec(name, "public", position)
    if name in ("public", "none"):
        raise ReservedName(f'role name "{name}" is reserved', position=position)
    return RoleSpec(name, None, position)


def parse_roles(cursor: Cursor, *, allow_public: bool = False) -> tuple[RoleSpec, ...]:
    return cursor.list_of(lambda: parse_role(cursor, allow_public=allow_public))
