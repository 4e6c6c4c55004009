"""GRANT and REVOKE on tables, columns, sequences, schemas and the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlvec.core.acl import (
    ALL,
    LETTERS,
    PUBLIC,
    WORDS,
    Acl,
    AclItem,
    default_acl,
    effective,
    must_not_circle,
    sorted_letters,
    with_grant,
    without_grant,
)
from sqlvec.core.errors import (
    FeatureNotSupported,
    InvalidCatalogName,
    InvalidGrantOperation,
    InvalidSchemaName,
    Notice,
    Severity,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedTable,
    WrongObjectType,
)
from sqlvec.core.outcome import Done
from sqlvec.core.role import DatabaseAccess
from sqlvec.core.schema import Column, Schema, Sequence, Table, View
from sqlvec.planner import statements as st
from sqlvec.storage.privileges import Secured, kind_of

from ..authority import Authority, denied, name_of
from ..prepared import Prepared
from ..role_lookup import grantees, must_find_role
from ..session import Session
from ..values import ParameterValues

_KINDS = {"TABLE": "r", "SEQUENCE": "S", "SCHEMA": "n", "DATABASE": "d", "FUNCTION": "f", "TYPE": "T"}
_PLURALS = {"r": "relation", "S": "sequence", "n": "schema", "d": "database", "f": "function", "c": "column"}


def grant(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Grant)
    session.transaction.begin_defining()
    _check_grantor(session, statement)
    roles = grantees(session, statement.roles)
    if statement.with_option and statement.is_grant and PUBLIC in roles:
        raise InvalidGrantOperation("grant options can only be granted to roles")
    letters_of(statement, _KINDS.get(statement.kind, "r"))
    for item in list(_targets(session, statement)):
        change = _Change(session, statement, roles)
        change.apply(item)
    return Done("GRANT" if statement.is_grant else "REVOKE")


def _check_grantor(session: Session, statement: st.Grant) -> None:
    if statement.grantor is not None and must_find_role(session, statement.grantor).oid != session.role:
        raise FeatureNotSupported("grantor must be current user")


def letters_of(statement: st.Grant, kind: str) -> str:
    """The letters of the privileges that are for whole objects."""
    found = ""
    for privilege in statement.privileges:
        if privilege.columns:
            continue
        if privilege.word == "all":
            found += ALL[kind]
            continue
        letter = LETTERS.get(privilege.word)
        if letter is None:
            raise SqlSyntaxError(f'unrecognized privilege type "{privilege.word}"')
        allowed = ALL["r"] + "U" if kind == "r" else ALL[kind]
        if letter not in allowed:
            word = WORDS[letter]
            raise InvalidGrantOperation(f"invalid privilege type {word} for {_PLURALS.get(kind, 'type')}")
        found += letter
    return sorted_letters(found)


def _targets(session: Session, statement: st.Grant) -> Iterator[Secured]:
    if statement.in_schemas:
        yield from _in_schemas(session, statement)
        return
    for name in statement.names:
        match statement.kind:
            case "SCHEMA":
                yield _schema(session, name.name)
            case "DATABASE":
                if name.name != session.store.name:
                    raise InvalidCatalogName(f'database "{name.name}" does not exist')
                yield session.roster.database
            case "TABLE" | "SEQUENCE":
                yield _relation(session, statement, name)
            case _:
                raise FeatureNotSupported(f"GRANT ON {statement.kind} is not supported")


def _schema(session: Session, name: str) -> Schema:
    found = session.transaction.catalog.schema(name)
    if found is None:
        raise InvalidSchemaName(f'schema "{name}" does not exist')
    return found


def _in_schemas(session: Session, statement: st.Grant) -> Iterator[Secured]:
    wanted = {_schema(session, name.name).name for name in statement.names}
    kinds = (Table, View) if statement.kind == "TABLE" else (Sequence,)
    for item in session.transaction.catalog.objects.values():
        if isinstance(item, kinds) and item.schema in wanted:
            yield item


def _relation(session: Session, statement: st.Grant, name: st.Name) -> Table | View | Sequence:
    found = session.catalog.relation(name.schema, name.name)
    if found is None:
        raise UndefinedTable(f'relation "{name.name}" does not exist', position=name.position or None)
    if statement.kind == "SEQUENCE" and not isinstance(found, Sequence):
        raise WrongObjectType(f'"{name.name}" is not a sequence')
    if not isinstance(found, Table | View | Sequence):
        raise FeatureNotSupported("privileges of system catalogs cannot be changed")
    return found


class _Change:
    """One statement on one object."""

    def __init__(self, session: Session, statement: st.Grant, roles: list[int]) -> None:
        self._session = session
        self._statement = statement
        self._roles = roles
        self._authority = Authority(session.transaction.catalog, session.role)

    def apply(self, item: Secured) -> None:
        kind = kind_of(item)
        letters = letters_of(self._statement, kind)
        if letters:
            item = self._on_whole(item, kind, letters)
        if isinstance(item, Table | View):
            self._on_columns(item, "" if self._statement.is_grant else letters)

    def _on_whole(self, item: Secured, kind: str, letters: str) -> Secured:
        allowed = self._allowed(item, letters, None)
        acl = effective(item.acl, kind, item.owner_role)
        changed = self._changed(acl, item.owner_role, self._grantor(item, acl), allowed)
        fresh = replace(item, acl=changed)
        if allowed and not (item.acl is None and changed == default_acl(kind, item.owner_role)):
            self._store(fresh)
            return fresh
        return item

    def _on_columns(self, item: Table | View, revoked: str) -> None:
        """Columns that the statement names; a REVOKE from the table takes theirs as well."""
        columns: list[Column] = []
        named = {name for privilege in self._statement.privileges for name in privilege.columns}
        for name in named:
            if all(column.name != name for column in item.columns):
                raise UndefinedColumn(f'column "{name}" of relation "{item.name}" does not exist')
        for column in item.columns:
            letters = revoked if column.acl else ""
            for privilege in self._statement.privileges:
                if column.name in privilege.columns:
                    letters += ALL["c"] if privilege.word == "all" else LETTERS.get(privilege.word, "?")
            letters = "".join(letter for letter in letters if letter in ALL["c"] + "?" or not revoked)
            if "?" in letters or any(letter not in ALL["c"] for letter in letters):
                raise InvalidGrantOperation("invalid privilege type for column")
            columns.append(self._on_column(item, column, sorted_letters(letters)) if letters else column)
        if tuple(columns) != item.columns:
            self._store(replace(item, columns=tuple(columns)))

    def _on_column(self, item: Table | View, column: Column, letters: str) -> Column:
        allowed = self._allowed(item, letters, column)
        acl = column.acl or ()
        changed = self._changed(acl, item.owner_role, self._grantor(item, acl), allowed)
        return replace(column, acl=changed or None)

    def _allowed(self, item: Secured, letters: str, column: Column | None) -> str:
        """Those of the letters that the role may grant on; none at all is an error or a warning."""
        privileges = self._authority.privileges
        grantable = privileges.may_grant(item, column)
        allowed = "".join(letter for letter in letters if letter in grantable)
        database = self._session.store.name
        if not allowed and not privileges.owns(item):
            seen = privileges.on(item) | (
                privileges.on_column(item, column)
                if (column is not None and isinstance(item, Table | View))
                else frozenset()
            )
            if not seen:
                raise denied(item, database)
        if len(allowed) < len(letters) and any(each.word != "all" for each in self._statement.privileges):
            self._warn(item, column, none=not allowed)
        elif not allowed:
            self._warn(item, column, none=True)
        return allowed

    def _warn(self, item: Secured, column: Column | None, *, none: bool) -> None:
        is_grant = self._statement.is_grant
        verb = "granted" if is_grant else "could be revoked"
        start = (
            "no privileges were"
            if none and is_grant
            else "not all privileges were"
            if is_grant
            else ("no privileges" if none else "not all privileges")
        )
        of = f'column "{column.name}" of relation ' if column is not None else ""
        sqlstate = "01007" if is_grant else "01006"
        name = name_of(item, self._session.store.name)
        self._session.notice(
            Notice(f'{start} {verb} for {of}"{name}"', severity=Severity.WARNING, sqlstate=sqlstate)
        )

    def _grantor(self, item: Secured, acl: Acl) -> int:
        """In whose name: the owner's for all who have the owner's privileges."""
        if self._authority.privileges.owns(item):
            return item.owner_role
        roles = self._session.roster.privileges_of(self._session.role)
        holders = [each.grantee for each in acl if each.grantee in roles and each.grantable]
        return self._session.role if self._session.role in holders or not holders else holders[0]

    def _changed(self, acl: Acl, owner: int, grantor: int, letters: str) -> Acl:
        statement = self._statement
        for role in self._roles:
            if statement.is_grant:
                if statement.with_option:
                    must_not_circle(acl, owner, role, grantor, letters)
                acl = with_grant(acl, role, grantor, letters, with_option=statement.with_option)
            else:
                gone = AclItem(role, grantor, letters)
                acl = without_grant(
                    acl, owner, gone, option_only=statement.with_option, cascade=statement.cascade
                )
        return acl

    def _store(self, item: Secured) -> None:
        state = self._session.transaction.catalog
        if isinstance(item, DatabaseAccess):
            self._session.transaction.define(state.with_roster(state.roster.with_item(item)))
        else:
            self._session.transaction.define(state.with_object(item))
