"""Connection: one client's bytes to messages and back, keeping to the tables of state.py. No I/O."""

from __future__ import annotations

import struct
from enum import Enum
from typing import Final, Literal, TypeAlias

from sqlvec.core.errors import ProtocolViolation, Severity

from .backend_messages import BackendMessage, EncryptionAccepted
from .decode import MESSAGE_OF_TYPE, decode, startup_kind, unsupported_protocol
from .encode import encode
from .encryption import Encryption
from .frontend_messages import Encrypted, FrontendMessage, PasswordMessage
from .limits import GREATEST_LENGTH, GREATEST_STARTUP_PACKET, SMALLEST_STARTUP_PACKET
from .state import ANSWER_TO_CHALLENGE, DROPPED, RECEIVED, SENT, STARTUP_PHASES, Phase


class Signal(Enum):
    """What next_event() answers when it has no message."""

    NEED_DATA = "the next message is not complete"
    NEED_HANDSHAKE = "the transport has to establish TLS"
    PAUSED = "the server has to speak first"


NEED_DATA: Final = Signal.NEED_DATA
NEED_HANDSHAKE: Final = Signal.NEED_HANDSHAKE
PAUSED: Final = Signal.PAUSED

Event: TypeAlias = FrontendMessage | Literal[Signal.NEED_DATA, Signal.NEED_HANDSHAKE, Signal.PAUSED]

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
        self._encrypted: Encrypted | None = None  # not told by next_event() yet

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
        if self._encrypted is not None or self._phase is Phase.HANDSHAKE or self._phase not in RECEIVED:
            return 0
        return max(0, self._wanted() - self._waiting())

    def receive_data(self, piece: bytes | bytearray | memoryview) -> None:
        if self._offset == len(self._received):
            self._received.clear()
            self._offset = 0
        self._received += piece

    def encrypted(self, encryption: Encryption) -> None:
        """TLS is established: what is received from now on was protected by it."""
        assert not self.has_received, "plaintext from before the handshake would pass as protected"
        self._encrypted = Encrypted(encryption)

    def next_event(self) -> Event:
        """The next message that somebody has to answer."""
        while True:
            phase = self._phase
            row = RECEIVED.get(phase)
            if row is None:
                return PAUSED
            if self._encrypted is not None:
                event, self._encrypted = self._encrypted, None
                self._phase = row[Encrypted]
                return event
            if phase is Phase.HANDSHAKE:
                return NEED_HANDSHAKE
            if self._waiting() < self._wanted():
                return NEED_DATA
            kind, body = self._take_startup(phase) if phase in STARTUP_PHASES else self._take_message(phase)
            self._phase = row[kind]
            if kind not in DROPPED.get(phase, _NOTHING):
                return decode(kind, body)

    def send(self, message: BackendMessage) -> bytes:
        """The bytes of a message that the phase allows; it may change the phase."""
        kind = type(message)
        row = SENT[self._phase]
        assert kind in row, f"{kind.__name__} cannot be sent in phase {self._phase.value!r}"
        if kind is EncryptionAccepted and self.has_received:
            raise unencrypted_data()
        self._phase = row[kind]
        return encode(message)

    def _waiting(self) -> int:
        return len(self._received) - self._offset

    def _wanted(self) -> int:
        """The length of the first message with its head, or of the head; refuses a bad length."""
        if self._phase in STARTUP_PHASES:
            return self._wanted_startup()
        if self._waiting() < _TYPE_AND_LENGTH.size:
            return _TYPE_AND_LENGTH.size
        letter, length = _TYPE_AND_LENGTH.unpack_from(self._received, self._offset)
        kind = self._kind(letter)
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

    def _kind(self, letter: int) -> type[FrontendMessage] | None:
        kind = MESSAGE_OF_TYPE.get(letter)
        return ANSWER_TO_CHALLENGE.get(self._phase, kind) if kind is PasswordMessage else kind

    def _take_startup(self, phase: Phase) -> tuple[type[FrontendMessage], bytes]:
        length = self._startup_length()
        if length is None:
            raise ProtocolViolation("invalid length of startup packet", severity=Severity.FATAL)
        _, code = _LENGTH_AND_CODE.unpack_from(self._received, self._offset)
        kind = startup_kind(code)
        if kind not in RECEIVED[phase]:
            # PostgreSQL, too, takes the request for a version when it has no place.
            raise unsupported_protocol(code)
        return kind, self._consume(4, length)

    def _take_message(self, phase: Phase) -> tuple[type[FrontendMessage], bytes]:
        letter, length = _TYPE_AND_LENGTH.unpack_from(self._received, self._offset)
        kind = self._kind(letter)
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


def unencrypted_data() -> ProtocolViolation:
    """Bytes behind an SSLRequest: whoever is between us may have put them there (CVE-2021-23214)."""
    return ProtocolViolation(
        "received unencrypted data after SSL request",
        detail="This could be either a client-software bug or evidence of an attempted "
        "man-in-the-middle attack.",
        severity=Severity.FATAL,
    )


def _refusal(phase: Phase, letter: int) -> str:
    """PostgreSQL's words for a message that has no place here."""
    match phase:
        case Phase.AUTHENTICATION:
            return f"expected password response, got message type {letter}"
        case Phase.SASL_CHOICE | Phase.SASL_CHALLENGE:
            return f"expected SASL response, got message type {letter}"
        case Phase.COPY_IN | Phase.COPY_IN_EXTENDED:
            return f"unexpected message type 0x{letter:02X} during COPY from stdin"
        case _:
            return f"invalid frontend message type {letter}"
