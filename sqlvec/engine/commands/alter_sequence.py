"""ALTER SEQUENCE, and ALTER COLUMN's actions on identities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlvec.core.errors import (
    InvalidParameterValue,
    Notice,
    ObjectNotInPrerequisiteState,
)
from sqlvec.core.schema import Sequence, Table
from sqlvec.planner import statements as st

from ..naming import choose_name
from ..sequences import check_bounds
from ..session import Session
from .definitions import make_sequence, sequence_owner, sequence_range
from .reshaping import define, must_have, with_column


def alter_sequence(session: Session, sequence: Sequence, action: st.AlterSequence) -> None:
    """Change the definition, then let the counter go on from where it was, or restart."""
    changed = _with_options(sequence, action.options)
    if action.owner is not None:
        owner = None if action.owner == "NONE" else sequence_owner(session, changed.schema, action.owner)
        changed = replace(changed, owner=owner)
    check_bounds(changed)
    restart = action.restart
    if restart is not None:
        _check_restart(changed, changed.start if restart.value is None else restart.value)
    last, is_called = session.sequences.state(sequence.oid)
    session.transaction.define(session.transaction.catalog.with_object(changed))
    if restart is not None:
        session.sequences.restart(sequence.oid, restart.value)
    elif is_called and changed.increment != sequence.increment:
        session.sequences.restart(sequence.oid, last + changed.increment)
    elif not is_called and changed.start != sequence.start:
        session.sequences.restart(sequence.oid, last)


def _check_restart(sequence: Sequence, value: int) -> None:
    if value < sequence.minimum:
        raise InvalidParameterValue(
            f"RESTART value ({value}) cannot be less than MINVALUE ({sequence.minimum})"
        )
    if value > sequence.maximum:
        raise InvalidParameterValue(
            f"RESTART value ({value}) cannot be greater than MAXVALUE ({sequence.maximum})"
        )


def _with_options(sequence: Sequence, options: st.SequenceOptions) -> Sequence:
    kind = options.type_name or sequence.type_name
    increment = options.increment if options.increment is not None else sequence.increment
    kind, low, high = sequence_range(kind, increment)
    old_kind, old_low, old_high = sequence_range(sequence.type_name, sequence.increment)
    minimum, maximum = sequence.minimum, sequence.maximum
    # Bounds that were the old type's become the new one's.
    if options.no_minimum or (kind != old_kind and minimum == old_low):
        minimum = low
    if options.no_maximum or (kind != old_kind and maximum == old_high):
        maximum = high
    return replace(
        sequence,
        type_name=kind,
        increment=increment,
        minimum=options.minimum if options.minimum is not None else minimum,
        maximum=options.maximum if options.maximum is not None else maximum,
        start=options.start if options.start is not None else sequence.start,
        cycle=options.cycle if options.cycle is not None else sequence.cycle,
    )


def _alter_identity(session: Session, table: Table, action: st.AlterIdentity) -> None:
    column = must_have(table, action.name)
    if column.identity is None or column.sequence_oid is None:
        raise ObjectNotInPrerequisiteState(
            f'column "{column.name}" of relation "{table.name}" is not an identity column'
        )
    sequence = session.transaction.catalog.objects[column.sequence_oid]
    assert isinstance(sequence, Sequence)
    alter_sequence(session, sequence, action.sequence)
    if action.identity is not None:
        define(session, replace(table, columns=with_column(table, replace(column, identity=action.identity))))


def _add_identity(session: Session, table: Table, action: st.AddIdentity) -> None:
    column = must_have(table, action.name)
    if not column.not_null:
        raise ObjectNotInPrerequisiteState(
            f'column "{column.name}" of relation "{table.name}" must be declared NOT NULL '
            "before identity can be added"
        )
    if column.identity is not None:
        raise ObjectNotInPrerequisiteState(
            f'column "{column.name}" of relation "{table.name}" is already an identity column'
        )
    if column.default is not None or column.sequence_oid is not None:
        raise ObjectNotInPrerequisiteState(
            f'column "{column.name}" of relation "{table.name}" already has a default value'
        )
    if column.type.name not in ("int2", "int4", "int8"):
        raise InvalidParameterValue("identity column type must be smallint, integer, or bigint")
    state = session.transaction.catalog
    name = choose_name(state, table.schema, table.name, column.name, "seq")
    options = replace(action.options, type_name=column.type.sql_name)
    sequence = make_sequence(session, table.schema, name, options, (table.oid, column.name))
    session.transaction.define(state.with_object(sequence))
    changed = replace(column, identity=action.identity, sequence_oid=sequence.oid)
    define(session, replace(table, columns=with_column(table, changed)))


def _drop_identity(session: Session, table: Table, action: st.DropIdentity) -> None:
    column = must_have(table, action.name)
    if column.identity is None:
        message = f'column "{column.name}" of relation "{table.name}" is not an identity column'
        if not action.if_exists:
            raise ObjectNotInPrerequisiteState(message)
        session.notice(Notice(f"{message}, skipping"))
        return
    if column.sequence_oid is not None:
        session.transaction.define(session.transaction.catalog.without(column.sequence_oid))
    define(
        session, replace(table, columns=with_column(table, replace(column, identity=None, sequence_oid=None)))
    )


IDENTITY_ACTIONS: dict[type[Any], Callable[[Session, Table, Any], None]] = {
    st.AddIdentity: _add_identity,
    st.AlterIdentity: _alter_identity,
    st.DropIdentity: _drop_identity,
}
