"""Connection: one client's bytes to messages and back, keeping to the tables of state.py. No I/O."""

from __future__ import annotations

import struct
from enum import Enum
from typing import Final, Literal, TypeAlias

from sqlvec.core.errors import ProtocolViolation, Severity

from .backend_messages import BackendMessage
from .decode import MESSAGE_OF_TYPE, decode, startup_kind
from .encode import encode
from .frontend_messages import FrontendMessage
from .limits import GREATEST_LENGTH, GREATEST_STARTUP_PACKET, SMALLEST_STARTUP_PACKET
from .state import DROPPED, RECEIVED, SENT, Phase


class Signal(Enum):
    """What next_event() answers when it has no message."""

    NEED_DATA = "the next message is not complete"
    PAUSED = "the server has to speak first"


NEED_DATA: Final = Signal.NEED_DATA
PAUSED: Final = Signal.PAUSED

Event: TypeAlias = FrontendMessage | Literal[Signal.NEED_DATA, Signal.PAUSED]

_TYPE_AND_LENGTH = struct.Struct("!BI")
_LENGTH_AND_CODE = struct.Struct("!II")
_NOTHING: Final[frozenset[type[FrontendMessage]]] = frozenset()


class Connection:
    """The protocol's side of one client.

    An SqlError out of next_event() with severity FATAL ends the connection; with ERROR it is the
    failure of the message just received (its phase change has happened, the next one can be read).
    """

    def __init__(self) -> None:
        self._phase = Phase.STARTUP
        self._received = bytearray()
        self._offset = 0  # of the first byte not yet consumed

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def has_received(self) -> bool:
        """Whether bytes wait to be consumed."""
        return self._offset < len(self._received)

    @property
    def missing(self) -> int:
        """How many bytes, at least, next_event() still needs; 0 when it can say something."""
        return 0 if self._phase not in RECEIVED else max(0, self._wanted() - self._waiting())

    def receive_data(self, piece: bytes | bytearray | memoryview) -> None:
        if self._offset == len(self._received):
            self._received.clear()
            self._offset = 0
        self._received += piece

    def next_event(self) -> Event:
        """The next message that somebody has to answer."""
        while True:
            phase = self._phase
            row = RECEIVED.get(phase)
            if row is None:
                return PAUSED
            if self._waiting() < self._wanted():
                return NEED_DATA
            kind, body = self._take_startup() if phase is Phase.STARTUP else self._take_message(phase)
            self._phase = row[kind]
            if kind not in DROPPED.get(phase, _NOTHING):
                return decode(kind, body)

    def send(self, message: BackendMessage) -> bytes:
        """The bytes of a message that the phase allows; it may change the phase."""
        kind = type(message)
        row = SENT[self._phase]
        assert kind in row, f"{kind.__name__} cannot be sent in phase {self._phase.value!r}"
        self._phase = row[kind]
        return encode(message)

    def _waiting(self) -> int:
        return len(self._received) - self._offset

    def _wanted(self) -> int:
        """The length of the first message with its head, or of the head; refuses a bad length."""
        if self._phase is Phase.STARTUP:
            return self._wanted_startup()
        if self._waiting() < _TYPE_AND_LENGTH.size:
            return _TYPE_AND_LENGTH.size
        letter, length = _TYPE_AND_LENGTH.unpack_from(self._received, self._offset)
        kind = MESSAGE_OF_TYPE.get(letter)
        # An unknown letter is refused when it is taken: its length means nothing.
        if kind is None or kind not in RECEIVED[self._phase]:
            return _TYPE_AND_LENGTH.size
        if not 4 <= length <= GREATEST_LENGTH[kind]:
            return _TYPE_AND_LENGTH.size
        return 1 + int(length)

    def _wanted_startup(self) -> int:
        if self._waiting() < _LENGTH_AND_CODE.size:
            # The length alone may show that this is no client of ours (an HTTP request, say).
            if self._waiting() >= 4 and self._startup_length() is None:
                return 4
            return _LENGTH_AND_CODE.size
        return self._startup_length() or 4

    def _startup_length(self) -> int | None:
        length = int.from_bytes(self._received[self._offset : self._offset + 4], "big")
        return length if SMALLEST_STARTUP_PACKET <= length <= GREATEST_STARTUP_PACKET else None

    def _take_startup(self) -> tuple[type[FrontendMessage], bytes]:
        length = self._startup_length()
        if length is None:
            raise ProtocolViolation("invalid length of startup packet", severity=Severity.FATAL)
        _, code = _LENGTH_AND_CODE.unpack_from(self._received, self._offset)
        return startup_kind(code), self._consume(4, length)

    def _take_message(self, phase: Phase) -> tuple[type[FrontendMessage], bytes]:
        letter, length = _TYPE_AND_LENGTH.unpack_from(self._received, self._offset)
        kind = MESSAGE_OF_TYPE.get(letter)
        if kind is None or kind not in RECEIVED[phase]:
            raise ProtocolViolation(_refusal(phase, letter), severity=Severity.FATAL)
        if not 4 <= length <= GREATEST_LENGTH[kind]:
            raise ProtocolViolation("invalid message length", severity=Severity.FATAL)
        return kind, self._consume(5, 1 + length)

    def _consume(self, head: int, length: int) -> bytes:
        start, self._offset = self._offset, self._offset + length
        # The view is gone before the array is resized: bytes() of a slice would copy twice.
        with memoryview(self._received) as view:
            return bytes(view[start + head : self._offset])


def _refusal(phase: Phase, letter: int) -> str:
    """PostgreSQL's words for a message that has no place here."""
    match phase:
        case Phase.AUTHENTICATION:
            return f"expected password response, got message type {letter}"
        case Phase.COPY_IN | Phase.COPY_IN_EXTENDED:
            return f"unexpected message type 0x{letter:02X} during COPY from stdin"
        case _:
            return f"invalid frontend message type {letter}"
