"""Conversation: one client from the first byte to the last, without I/O.

It holds the protocol.Connection and the dialogue (handler) that is at work, and is driven by advance().
Everything that may block happens inside advance(), so the client's loop runs all of it in one worker
call: a pipeline of Parse, Bind, Describe, Execute, Sync costs two thread hops, not ten.

Not thread-safe but for stop(): it is handed from thread to thread, never shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from sqlvec.core.errors import FeatureNotSupported, Severity, SqlError
from sqlvec.core.idle_limit import IdleLimit

from .dialogue import AWAIT, Dialogue
from .error_response import error_response, fatal_error_response
from .handlers.client_state import ClientState
from .handlers.extended_query import extended_query, sync
from .handlers.simple_query import ready, simple_query
from .handlers.startup import Entrance, start_up
from .protocol.connection import NEED_DATA, NEED_HANDSHAKE, PAUSED, Connection, unencrypted_data
from .protocol.encryption import Encryption
from .protocol.frontend_messages import (
    Bind,
    CancelRequest,
    Close,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    Encrypted,
    Execute,
    Flush,
    FrontendMessage,
    FunctionCall,
    GssEncRequest,
    Parse,
    PasswordMessage,
    Query,
    SaslInitialResponse,
    SaslResponse,
    SslRequest,
    StartupMessage,
    Sync,
    Terminate,
)
from .protocol.state import BEFORE_STARTUP_MESSAGE, Phase
from .rows import BLOCK_SIZE

_ANSWERED_BY_READY = frozenset((Phase.SIMPLE_QUERY, Phase.COPY_IN, Phase.SYNCING))


class Next(Enum):
    """What advance() wants next."""

    READ = "more bytes of the client"
    ENCRYPT = "the TLS handshake, and encrypted() to be called after it"
    ADVANCE = "to be called again, when the output is on its way"
    CLOSE = "nothing: the connection ends"


@dataclass(frozen=True, slots=True)
class Burst:
    """What advance() got done."""

    output: bytes
    next: Next


class Conversation:
    """The server's half of one connection."""

    def __init__(self, entrance: Entrance) -> None:
        self._connection = Connection()
        self._state: ClientState | None = None
        self._dialogue: Dialogue | None = self._begin(entrance)
        self._is_awaiting = False  # the dialogue yielded AWAIT
        self._is_failing = False  # the dialogue reports an error
        self._farewell: SqlError | None = None
        self._output: list[bytes] = []
        self._output_size = 0

    @property
    def state(self) -> ClientState | None:
        """None before the session is open."""
        return self._state

    @property
    def is_started(self) -> bool:
        """Whether the client has said in a start-up packet whom it wants to be."""
        return self._connection.phase not in BEFORE_STARTUP_MESSAGE

    @property
    def idle_limit(self) -> IdleLimit | None:
        """What the client has to keep to while it is its turn and nothing of it has come."""
        if self._state is None or self._connection.phase is not Phase.IDLE or self._connection.has_received:
            return None
        return self._state.session.idle_limit

    @property
    def missing(self) -> int:
        """How many bytes, at least, advance() needs before it can do something."""
        return self._connection.missing

    def receive_data(self, piece: bytes) -> None:
        self._connection.receive_data(piece)

    def encrypted(self, encryption: Encryption) -> None:
        """The handshake is done."""
        self._connection.encrypted(encryption)

    def refuse_plaintext(self) -> None:
        """Bytes came before the handshake, and did not wait for it."""
        self.fail(unencrypted_data())

    def advance(self) -> Burst:
        """Go on until more bytes are needed, or there is output that should not wait."""
        while True:
            try:
                burst = self._step()
            except SqlError as error:
                self.fail(error)
                continue
            if burst is not None:
                output, self._output, self._output_size = b"".join(self._output), [], 0
                return Burst(output, burst)

    def fail(self, error: SqlError) -> None:
        """Report `error` as the failure of what is at work; the next advance() tells it."""
        is_fatal = self._is_failing or error.severity is Severity.FATAL  # even the report may fail
        self._is_failing = True
        farewell = self._farewell
        self._end_dialogue()
        if farewell is not None or is_fatal:
            self._dialogue = self._report_fatal(farewell or error)
        else:
            self._dialogue = self._report(error)

    def stop(self, farewell: SqlError) -> None:
        """From any thread: end with this FATAL error as soon as the statement at work lets go."""
        self._farewell = farewell

    def close(self) -> None:
        """Let go of everything; the client is gone or going."""
        try:
            self._end_dialogue()
        finally:
            state, self._state = self._state, None
            if state is not None:
                state.session.close()

    def _step(self) -> Next | None:
        """One message further; an answer when the loop has to do something."""
        if self._farewell is not None and not self._is_failing and self._connection.phase is not Phase.CLOSED:
            raise self._farewell
        if self._dialogue is not None and not self._is_awaiting:
            return self._speak(self._dialogue, None)
        if self._connection.phase is Phase.CLOSED:
            return Next.CLOSE
        event = self._connection.next_event()
        if event is NEED_DATA:
            return Next.READ
        if event is NEED_HANDSHAKE:
            return Next.ENCRYPT
        assert event is not PAUSED, f"nobody speaks in phase {self._connection.phase.value!r}"
        if isinstance(event, Terminate):
            return Next.CLOSE
        if self._dialogue is not None:
            self._is_awaiting = False
            return self._speak(self._dialogue, event)
        if isinstance(event, Flush):
            return Next.ADVANCE if self._output else None
        self._dialogue = self._answer(event)
        return None

    def _speak(self, dialogue: Dialogue, event: FrontendMessage | None) -> Next | None:
        """Let the dialogue talk until it waits, ends, or has said much."""
        try:
            said = dialogue.send(event)
            while said is not AWAIT:
                self._output.append(encoded := self._connection.send(said))
                self._output_size += len(encoded)
                if self._output_size >= BLOCK_SIZE:
                    return Next.ADVANCE
                said = next(dialogue)
        except StopIteration:
            self._dialogue = None
            self._is_failing = False
            return self._after_dialogue()
        self._is_awaiting = True
        # CopyInResponse, or a challenge: what we said must reach the client before it answers.
        return None

    def _after_dialogue(self) -> Next | None:
        """A finished round goes out before the next begins, which may be long."""
        is_round_over = self._connection.phase is Phase.IDLE
        return Next.ADVANCE if is_round_over and self._connection.has_received else None

    def _begin(self, entrance: Entrance) -> Dialogue:
        self._state = yield from start_up(entrance)

    def _answer(self, message: FrontendMessage) -> Dialogue:
        state = self._state
        assert state is not None
        match message:
            case Query():
                return simple_query(state, message)
            case Parse() | Bind() | Describe() | Execute() | Close():
                return extended_query(state, message)
            case Sync():
                return sync(state)
            case FunctionCall():
                raise FeatureNotSupported("function call messages are not supported")
            case Flush() | Terminate() | CopyData() | CopyDone() | CopyFail():
                raise AssertionError(f"{message!r} passed the state tables")
            case PasswordMessage() | SaslInitialResponse() | SaslResponse():
                raise AssertionError(f"{message!r} passed the state tables")
            case SslRequest() | GssEncRequest() | Encrypted() | CancelRequest() | StartupMessage():
                raise AssertionError(f"{message!r} passed the state tables")
            case _:
                assert_never(message)

    def _report(self, error: SqlError) -> Dialogue:
        phase, state = self._connection.phase, self._state
        if state is None:  # no session yet, so none to go on with
            yield from self._report_fatal(error)
            return
        state.session.fail()
        yield from state.notices()
        yield error_response(error)
        if phase in _ANSWERED_BY_READY:
            # The message may have failed before it reached the session, behind an extended query whose
            # transaction is open: roll that back, as the client's Sync would.
            state.session.sync()
            yield from ready(state)

    def _report_fatal(self, error: SqlError) -> Dialogue:
        """Asks nothing of the session, which may be what is broken."""
        if self._connection.phase is not Phase.CLOSED:
            yield fatal_error_response(error)

    def _end_dialogue(self) -> None:
        dialogue, self._dialogue = self._dialogue, None
        self._is_awaiting = False
        if dialogue is not None:
            dialogue.close()
