"""Result: an Outcome to the messages that tell it, the same in both query protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from sqlvec.core.outcome import CopyIn, CopyOut, Done, Empty, Outcome, ResultColumn, Rows, RowStream

from ..dialogue import Dialogue
from ..protocol.backend_messages import (
    BackendMessage,
    CommandComplete,
    DataRowBlock,
    EmptyQueryResponse,
    FieldDescription,
    PortalSuspended,
    RowDescription,
)
from ..rows import encode_rows, expand_formats
from .client_state import ClientState
from .copy import copy_in, copy_out


def tell_outcome(state: ClientState, outcome: Outcome, formats: Sequence[int]) -> Dialogue:
    """Everything after the RowDescription, which only the simple protocol sends here."""
    match outcome:
        case Rows(stream):
            yield from _rows(state, stream, formats)
        case Done(tag):
            yield from state.notices()
            yield CommandComplete(tag)
        case Empty():
            yield from state.notices()
            yield EmptyQueryResponse()
        case CopyIn():
            yield from copy_in(state, outcome)
        case CopyOut():
            yield from copy_out(state, outcome)
        case _:
            assert_never(outcome)


def row_description(columns: Sequence[ResultColumn], formats: Sequence[int]) -> RowDescription:
    wire_formats = expand_formats(formats, len(columns))
    return RowDescription(
        tuple(
            FieldDescription(
                column.name,
                column.table_oid,
                column.attribute_number,
                column.type.oid,
                column.type.length,
                column.typmod,
                wire_format,
            )
            for column, wire_format in zip(columns, wire_formats, strict=True)
        )
    )


def _rows(state: ClientState, stream: RowStream, formats: Sequence[int]) -> Iterator[BackendMessage]:
    columns = stream.columns
    wire_formats = expand_formats(formats, len(columns))
    output_format = state.session.output_format
    try:
        for batch in stream:
            for block in encode_rows(batch, columns, wire_formats, output_format):
                yield DataRowBlock(block)
        tag = stream.tag
    finally:
        stream.close()
    yield from state.notices()
    yield PortalSuspended() if tag is None else CommandComplete(tag)
