"""Privilege questions: what has_table_privilege and its kin answer."""

from __future__ import annotations

from sqlvec.core.acl import ALL, LETTERS
from sqlvec.core.errors import (
    InvalidCatalogName,
    InvalidParameterValue,
    InvalidSchemaName,
    UndefinedColumn,
    UndefinedObject,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.role import Role
from sqlvec.core.schema import Column, Schema, Sequence, Table, View
from sqlvec.planner.bind.registered import split_name
from sqlvec.storage.pg_catalog import SYSTEM_TABLES
from sqlvec.storage.pg_catalog.oids import database_oid
from sqlvec.storage.privileges import Privileges, Secured

from .authority import CLOSED
from .session import Session

_ACL_KINDS = {"table": "r", "any_column": "c", "column": "c", "sequence": "S", "schema": "n", "database": "d"}
_OPTION = " with grant option"


def has_privilege(session: Session, kind: str, user: str, item: str, column: str, wanted: str) -> bool | None:
    """`user` '' is the current one; names with # in front are OIDs. None for OIDs of nothing."""
    role = session.role if not user else _role(session, user)
    if kind == "role":
        return _has_role(session, role, item, wanted)
    if kind not in _ACL_KINDS:
        return True  # functions, types and languages are everybody's
    privileges = Privileges(session.transaction.catalog, role)
    letters = [_letter(word, _ACL_KINDS[kind]) for word in wanted.split(",")]
    found = _find(session, kind, item)
    if isinstance(found, str):
        only_reads = all(letter == "r" for letter, _ in letters)
        return privileges.is_superuser or (found not in CLOSED and only_reads)
    if found is None:
        return None
    if kind == "column":
        assert isinstance(found, Table | View)
        return _on_column(privileges, found, column, letters)
    return any(_on_whole(privileges, found, kind, letter, option) for letter, option in letters)


def _role(session: Session, text: str) -> int:
    roster = session.roster
    found = roster.role(int(text[1:])) if text.startswith("#") else roster.named(text)
    if text == "public":
        return 0
    if not isinstance(found, Role):
        raise UndefinedObject(f'role "{text}" does not exist')
    return found.oid


def _letter(word: str, kind: str) -> tuple[str, bool]:
    plain = word.strip().lower()
    option = plain.endswith(_OPTION)
    letter = LETTERS.get(plain.removesuffix(_OPTION))
    if letter is None or letter not in ALL[kind]:
        raise InvalidParameterValue(f'unrecognized privilege type: "{word.strip()}"')
    return letter, option


def _on_whole(privileges: Privileges, item: Secured, kind: str, letter: str, option: bool) -> bool:  # noqa: FBT001
    if option:
        return letter in privileges.may_grant(item)
    if kind == "any_column" and isinstance(item, Table | View):
        return privileges.has_on_any_column(item, letter)
    return privileges.has(item, letter)


def _on_column(
    privileges: Privileges, item: Table | View, name: str, letters: list[tuple[str, bool]]
) -> bool | None:
    column = _column(item, name)
    if column is None:
        return None
    for letter, option in letters:
        if option and letter in privileges.may_grant(item, column):
            return True
        if not option and privileges.has_on_column(item, column, letter):
            return True
    return False


def _column(item: Table | View, name: str) -> Column | None:
    if name.startswith("#"):
        return next((column for column in item.columns if column.number == int(name[1:])), None)
    found = next((column for column in item.columns if column.name == name), None)
    if found is None:
        raise UndefinedColumn(f'column "{name}" of relation "{item.name}" does not exist')
    return found


def _find(session: Session, kind: str, text: str) -> Secured | str | None:
    """The object; the name of a system catalog; None for the OID of nothing."""
    if kind == "schema":
        return _schema(session, text)
    if kind == "database":
        known = session.store.name
        if text in (known, f"#{database_oid(known)}"):
            return session.roster.database
        if text.startswith("#"):
            return None
        raise InvalidCatalogName(f'database "{text}" does not exist')
    return _relation(session, kind, text)


def _schema(session: Session, text: str) -> Secured | str | None:
    state = session.transaction.catalog
    if text.startswith("#"):
        found = state.objects.get(int(text[1:]))
        return found if isinstance(found, Schema) else None
    schema = state.schema(text)
    if schema is None and text not in ("pg_catalog", "information_schema"):
        raise InvalidSchemaName(f'schema "{text}" does not exist')
    return schema if schema is not None else text


def _relation(session: Session, kind: str, text: str) -> Secured | str | None:
    state = session.transaction.catalog
    if text.startswith("#"):
        found = state.objects.get(int(text[1:]))
        if isinstance(found, Table | View | Sequence):
            return found
        return next((name for (_, name), each in SYSTEM_TABLES.items() if each.oid == int(text[1:])), None)
    schema, name = split_name(text)
    for each in (schema,) if schema is not None else session.catalog.search_path:
        relation = state.relation(each, name)
        if relation is not None:
            if kind == "sequence" and not isinstance(relation, Sequence):
                raise WrongObjectType(f'"{name}" is not a sequence')
            return relation
        if (each, name) in SYSTEM_TABLES:
            return name
    raise UndefinedTable(f'relation "{text}" does not exist')


def _has_role(session: Session, role: int, item: str, wanted: str) -> bool:
    roster = session.roster
    target = _role(session, item)
    return any(_has_one(roster.is_superuser(role), session, role, target, word) for word in wanted.split(","))


def _has_one(is_superuser: bool, session: Session, role: int, target: int, word: str) -> bool:  # noqa: FBT001
    roster = session.roster
    plain = word.strip().lower()
    kinds = {"usage": roster.privileges_of, "member": roster.member_of, "set": roster.settable_by}
    name, _, option = plain.partition(" with ")
    if name not in kinds or option not in ("", "grant option", "admin option"):
        raise InvalidParameterValue(f'unrecognized privilege type: "{word.strip()}"')
    if option:
        return roster.is_admin_of(role, target)
    return is_superuser or target in kinds[name](role)
