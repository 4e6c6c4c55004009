"""TableLike: LIKE in CREATE TABLE."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import DuplicateColumn, FeatureNotSupported, UndefinedTable, WrongObjectType
from sqlvec.core.schema import Column, Sequence, Table, UniqueConstraint, View
from sqlvec.planner import statements as st
from sqlvec.planner.parse import parse_expression

from ..naming import choose_name
from ..session import Session
from .definitions import new_oid


def copy_columns(
    session: Session, table: Table, like: st.LikeTable, sequences: list[Sequence]
) -> tuple[Table, list[st.TableConstraint]]:
    """LIKE: the other table's columns, and what INCLUDING asks for; its keys come as constraints."""
    other = session.catalog.relation(like.table.schema, like.table.name)
    if other is None:
        raise UndefinedTable(
            f'relation "{like.table.name}" does not exist', position=like.table.position or None
        )
    if not isinstance(other, Table | View):
        raise WrongObjectType(f'"{like.table.name}" is not a table or view')
    for column in other.columns:
        if table.column(column.name) is not None:
            raise DuplicateColumn(f'column "{column.name}" specified more than once')
        table = replace(table, columns=(*table.columns, _copied(session, table, column, like, sequences)))
    if not isinstance(other, Table):
        return table, []
    found: list[st.TableConstraint] = []
    if "constraints" in like.including:
        for check in other.checks:
            expression = st.Expression(parse_expression(check.expression), check.expression)
            found.append(st.Check(expression, check.name))
    if "indexes" in like.including:
        found += [_copied_key(unique) for unique in other.uniques]
        if other.indexes:
            raise FeatureNotSupported("INCLUDING INDEXES of a table with secondary indexes is not supported")
    return table, found


def _copied_key(unique: UniqueConstraint) -> st.TableConstraint:
    deferrable, deferred = unique.is_deferrable, unique.is_deferred
    if unique.is_primary:
        return st.PrimaryKey(unique.columns, deferrable=deferrable, initially_deferred=deferred)
    return st.Unique(
        unique.columns,
        nulls_not_distinct=unique.nulls_not_distinct,
        deferrable=deferrable,
        initially_deferred=deferred,
    )


def _copied(
    session: Session, table: Table, column: Column, like: st.LikeTable, sequences: list[Sequence]
) -> Column:
    copied = replace(
        column,
        number=len(table.columns) + 1,
        default=column.default if "defaults" in like.including else None,
        generated=column.generated if "generated" in like.including else None,
        identity=None,
        sequence_oid=None,
    )
    source = session.transaction.catalog.objects.get(column.sequence_oid or 0)
    if not isinstance(source, Sequence):
        return copied
    if column.identity is None:
        # The default of a serial column, nextval of the one sequence, which stays the other table's.
        if "defaults" not in like.including:
            return copied
        return replace(copied, default=f"nextval('{source.schema}.{source.name}'::regclass)")
    if "identity" not in like.including:
        return copied
    name = choose_name(session.transaction.catalog, table.schema, table.name, column.name, "seq")
    sequence = replace(
        source, oid=new_oid(session), schema=table.schema, name=name, owner=(table.oid, column.name)
    )
    sequences.append(sequence)
    return replace(copied, identity=column.identity, sequence_oid=sequence.oid)
