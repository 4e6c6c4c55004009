"""Copy: COPY data from the client to a sink, and from the database to the client."""

from __future__ import annotations

from sqlvec.core.errors import QueryCanceled, SqlError
from sqlvec.core.outcome import CopyIn, CopyOut, CopySink

from ..dialogue import AWAIT, Dialogue, DialogueOf
from ..protocol.backend_messages import CommandComplete, CopyInResponse, CopyOutResponse
from ..protocol.frontend_messages import CopyData, CopyDone, CopyFail
from .client_state import ClientState


def copy_in(state: ClientState, outcome: CopyIn) -> Dialogue:
    """Sync and Flush never come here: the state tables drop them during a COPY."""
    formats = (int(outcome.is_binary),) * outcome.column_count
    try:
        yield CopyInResponse(outcome.is_binary, formats)
        yield from _receive(outcome.sink)
    except BaseException as error:  # also GeneratorExit: the client went away
        outcome.sink.abort(error.message if isinstance(error, SqlError) else "the COPY ended early")
        raise
    tag = outcome.sink.finish()
    yield from state.notices()
    yield CommandComplete(tag)


def copy_out(state: ClientState, outcome: CopyOut) -> Dialogue:
    formats = (int(outcome.is_binary),) * outcome.column_count
    close = getattr(outcome.pieces, "close", None)
    try:
        yield CopyOutResponse(outcome.is_binary, formats)
        for piece in outcome.pieces:
            yield CopyData(piece)
        yield CopyDone()
    finally:
        if close is not None:
            close()
    tag = outcome.tag()
    yield from state.notices()
    yield CommandComplete(tag)


def _receive(sink: CopySink) -> DialogueOf[None]:
    while True:
        message = yield AWAIT
        match message:
            case CopyData(piece):
                sink.write(piece)
            case CopyDone():
                return
            case CopyFail(reason):
                raise QueryCanceled(f"COPY from stdin failed: {reason}")
            case _:
                raise AssertionError(f"{message!r} passed the state tables during a COPY")
