"""pg_sequence: the definitions of sequences."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Sequence
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.registry import type_by_name

from ..context import CatalogContext
from ..relation import Row


def sequence_type(sequence: Sequence) -> PgType:
    """The type that a sequence counts in; pg_sequences.data_type is its regtype, in SQL's spelling."""
    kind = type_by_name(sequence.type_name)
    assert kind is not None, f"sequence of unknown type {sequence.type_name}"
    return kind


def rows(context: CatalogContext) -> Iterator[Row]:
    for sequence in context.state.each(Sequence):
        yield {
            "seqrelid": sequence.oid,
            "seqtypid": sequence_type(sequence).oid,
            "seqstart": sequence.start,
            "seqincrement": sequence.increment,
            "seqmax": sequence.maximum,
            "seqmin": sequence.minimum,
            "seqcache": 1,
            "seqcycle": sequence.cycle,
        }
