"""Acl: who may do what with an object: PostgreSQL's aclitem, its letters and their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from .errors import DependentObjectsStillExist, InvalidGrantOperation

PUBLIC = 0  # the grantee that is everybody
ORDER = "arwdDxtXUCTcsAm"  # in which aclitem prints its letters

# The words of GRANT, each with its letter.
LETTERS: dict[str, str] = {
    "insert": "a",
    "select": "r",
    "update": "w",
    "delete": "d",
    "truncate": "D",
    "references": "x",
    "trigger": "t",
    "execute": "X",
    "usage": "U",
    "create": "C",
    "temporary": "T",
    "temp": "T",
    "connect": "c",
    "set": "s",
    "alter system": "A",
    "maintain": "m",
}
WORDS: dict[str, str] = {letter: word.upper() for word, letter in LETTERS.items() if word != "temp"}

# All privileges of a kind of object (pg_default_acl's letters, "d" the database, "c" a column), and what
# PUBLIC has of it as long as nobody said otherwise.
ALL: dict[str, str] = {"r": "arwdDxtm", "S": "rwU", "n": "UC", "d": "CTc", "c": "arwx", "f": "X", "T": "U"}
_OF_PUBLIC: dict[str, str] = {"d": "Tc", "f": "X", "T": "U"}


@dataclass(frozen=True, slots=True)
class AclItem:
    """What a grantor has granted to a grantee, letters in ORDER; `grantable` may be granted on."""

    grantee: int
    grantor: int
    letters: str = ""
    grantable: str = ""


Acl: TypeAlias = tuple[AclItem, ...]


def sorted_letters(letters: Iterable[str]) -> str:
    return "".join(sorted(set(letters), key=ORDER.index))


def default_acl(kind: str, owner: int) -> Acl:
    """What a NULL in the catalog stands for."""
    if kind == "c":
        return ()
    public = _OF_PUBLIC.get(kind)
    own = AclItem(owner, owner, sorted_letters(ALL[kind]))
    return (AclItem(PUBLIC, owner, sorted_letters(public)), own) if public else (own,)


def effective(acl: Acl | None, kind: str, owner: int) -> Acl:
    return default_acl(kind, owner) if acl is None else acl


def held(acl: Acl, roles: Iterable[int]) -> frozenset[str]:
    """The letters that any of these roles has, as PUBLIC or itself."""
    who = {PUBLIC, *roles}
    return frozenset(letter for item in acl if item.grantee in who for letter in item.letters)


def held_grantable(acl: Acl, roles: Iterable[int]) -> frozenset[str]:
    """The letters that any of these roles may grant on, ownership aside."""
    who = set(roles)
    return frozenset(letter for item in acl if item.grantee in who for letter in item.grantable)


def with_grant(acl: Acl, grantee: int, grantor: int, letters: str, *, with_option: bool) -> Acl:
    """GRANT."""
    option = letters if with_option else ""
    for index, item in enumerate(acl):
        if (item.grantee, item.grantor) == (grantee, grantor):
            merged = AclItem(
                grantee,
                grantor,
                sorted_letters(item.letters + letters),
                sorted_letters(item.grantable + option),
            )
            return (*acl[:index], merged, *acl[index + 1 :])
    return (*acl, AclItem(grantee, grantor, sorted_letters(letters), sorted_letters(option)))


def without_grant(
    acl: Acl, owner: int, item: AclItem, *, option_only: bool = False, cascade: bool = False
) -> Acl:
    """REVOKE of what `item` says; what the grantee has granted on goes too, or is in the way."""
    found: list[AclItem] = []
    for old in acl:
        if (old.grantee, old.grantor) != (item.grantee, item.grantor):
            found.append(old)
            continue
        kept = old.letters if option_only else _less(old.letters, item.letters)
        if kept:
            found.append(AclItem(old.grantee, old.grantor, kept, _less(old.grantable, item.letters)))
    return _without_dependents(tuple(found), owner, item.grantee, item.letters, cascade=cascade)


def _without_dependents(acl: Acl, owner: int, grantor: int, letters: str, *, cascade: bool) -> Acl:
    """Grants on the strength of an option that is gone; the owner needs none."""
    if grantor in (owner, PUBLIC):
        return acl
    lost = set(letters) - held_grantable(acl, (grantor,))
    dependents = [item for item in acl if item.grantor == grantor and lost & set(item.letters)]
    if dependents and not cascade:
        raise DependentObjectsStillExist("dependent privileges exist", hint="Use CASCADE to revoke them too.")
    for item in dependents:
        gone = AclItem(item.grantee, item.grantor, sorted_letters(lost & set(item.letters)))
        acl = without_grant(acl, owner, gone, cascade=True)
    return acl


def must_not_circle(acl: Acl, owner: int, grantee: int, grantor: int, letters: str) -> None:
    """An option must not come back to whom it came from."""
    if grantor == owner:
        return
    above, queue = {grantor}, [grantor]
    while queue:
        current = queue.pop()
        for item in acl:
            if item.grantee == current and set(item.grantable) & set(letters) and item.grantor not in above:
                above.add(item.grantor)
                queue.append(item.grantor)
    if grantee in above:
        raise InvalidGrantOperation("grant options cannot be granted back to your own grantor")


def with_owner(acl: Acl | None, old: int, new: int) -> Acl | None:
    """ALTER ... OWNER TO: the new owner stands in for the old one, on both sides."""
    if acl is None:
        return None
    found: Acl = ()
    for item in acl:
        grantee = new if item.grantee == old else item.grantee
        grantor = new if item.grantor == old else item.grantor
        found = with_grant(found, grantee, grantor, item.letters, with_option=False)
        if item.grantable:
            found = with_grant(found, grantee, grantor, item.grantable, with_option=True)
    return found


def acl_text(acl: Acl, name_of: Callable[[int], str]) -> list[str]:
    """As aclitem prints: grantee=letters/grantor, a star behind what may be granted on."""
    return [_item_text(item, name_of) for item in acl]


def _item_text(item: AclItem, name_of: Callable[[int], str]) -> str:
    letters = "".join(letter + ("*" if letter in item.grantable else "") for letter in item.letters)
    grantee = "" if item.grantee == PUBLIC else _quoted(name_of(item.grantee))
    return f"{grantee}={letters}/{_quoted(name_of(item.grantor))}"


def _quoted(name: str) -> str:
    if all(character == "_" or character.isalnum() for character in name):
        return name
    return '"' + name.replace('"', '""') + '"'


def _less(letters: str, gone: str) -> str:
    return "".join(letter for letter in letters if letter not in gone)
