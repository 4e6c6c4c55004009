"""Puppet: a server that says anything its phase allows, so that every phase is reached without a database."""

from __future__ import annotations

import random

from sqlvec.core.errors import Severity, SqlError
from sqlvec.core.outcome import TransactionStatus
from sqlvec.wire.protocol import backend_messages as b
from sqlvec.wire.protocol.connection import NEED_DATA, NEED_HANDSHAKE, PAUSED, Connection
from sqlvec.wire.protocol.encryption import Encryption
from sqlvec.wire.protocol.state import SENT, Phase

SAYINGS: tuple[b.BackendMessage, ...] = (
    b.EncryptionRefused(), b.EncryptionAccepted(), b.AuthenticationOk(), b.AuthenticationCleartextPassword(),
    b.AuthenticationSasl(("SCRAM-SHA-256",)), b.AuthenticationSaslContinue(b"r=x"), b.AuthenticationSaslFinal(b"v=x"),
    b.ReadyForQuery(TransactionStatus.IDLE), b.CommandComplete("SELECT 1"), b.ParseComplete(),
    b.CopyInResponse(is_binary=False, column_formats=(0,)), b.ErrorResponse((("S", "ERROR"), ("C", "42601"))),
)  # fmt: skip
BY_PHASE = {phase: tuple(said for said in SAYINGS if type(said) in SENT[phase]) for phase in Phase}
PATIENCE = 10_000  # events; a Connection that goes on after that makes no progress


class Puppet:
    """Raises AssertionError for a broken promise of Connection, and what Connection itself should not raise."""

    def __init__(self, chance: random.Random) -> None:
        self.connection = Connection()
        self._random = chance
        self.is_over = False

    def hear(self, piece: bytes) -> None:
        """Everything that is in these bytes, answered at random."""
        connection = self.connection
        connection.receive_data(piece)
        for _ in range(PATIENCE):
            if self.is_over or connection.phase is Phase.CLOSED:
                self.is_over = True
                return
            try:
                event = connection.next_event()
            except SqlError as error:
                self.is_over = error.severity is Severity.FATAL
                continue
            if event is NEED_DATA:
                assert connection.missing > 0, "it wants nothing and has nothing"
                return
            if event is NEED_HANDSHAKE:
                if connection.has_received:
                    self.is_over = True
                else:
                    connection.encrypted(Encryption("TLSv1.3", "cipher", "postgresql", b"end point", None))
            elif event is PAUSED or self._random.random() < 0.7:
                self._speak()
        raise AssertionError("it never wants data again")

    def _speak(self) -> None:
        sayings = BY_PHASE[self.connection.phase]
        if sayings:
            try:
                self.connection.send(self._random.choice(sayings))
            except SqlError as error:  # plaintext behind an SSLRequest
                self.is_over = error.severity is Severity.FATAL
