"""ByteMutation: what a client sends, damaged: bits, lengths, order, borders."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

from sqlvec.wire.protocol import frontend_messages as f
from tests.wire.client_side import startup, to_bytes

LENGTHS = (
    0,
    1,
    3,
    4,
    5,
    7,
    8,
    0x7F,
    0xFF,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    2**30 - 1,
    2**30,
)
NAMES = ("", "s", "p", "no such", "é" * 20, "x" * 200)

STARTS: tuple[f.FrontendMessage, ...] = (
    startup(user="u"), startup(user="u", database="d", options="-c a=b", application_name="x"), startup(9, user="u"),
    f.StartupMessage(2, 0, {"user": "u"}), f.SslRequest(), f.GssEncRequest(), f.CancelRequest(1, 2),
    f.StartupMessage(3, 0, {}), f.PasswordMessage(b"secret\0"),
    f.SaslInitialResponse("SCRAM-SHA-256", b"n,,n=,r=abcdefgh"), f.SaslResponse(b"c=biws,r=abcdefgh,p=AAAA"),
)  # fmt: skip


def session_messages(queries: Sequence[str], copies: Sequence[str]) -> tuple[f.FrontendMessage, ...]:
    """One of each kind that a session knows, around these statements."""
    named = [
        f.Parse(name, sql, oids) for name in ("", "s") for sql in queries for oids in ((), (23,), (0, 25))
    ]
    return (
        *map(f.Query, (*queries, *copies)),
        *named,
        *(f.Parse("", sql) for sql in copies),
        *(f.Bind(name, statement, formats, values, results)
          for name in ("", "p") for statement in ("", "s")
          for formats, values, results in (((), (), ()), ((0,), (b"1",), (1,)), ((1, 0), (b"\0\0\0\1", None), (0, 1)))),
        *(f.Describe(target, name) for target in f.Target for name in ("", "s", "p")),
        *(f.Execute(name, rows) for name in ("", "p") for rows in (0, 1, 1000)),
        *(f.Close(target, name) for target in f.Target for name in ("", "s", "p")),
        f.CopyData(b"1\tx\n"), f.CopyData(b"\\.\n"), f.CopyData(b""), f.CopyDone(), f.CopyFail("no"),
        f.Flush(), f.Sync(), f.Sync(), f.Sync(), f.FunctionCall(b"\0\0\0\1"), f.Terminate(),
    )  # fmt: skip


class ByteMutation:
    """The same seed gives the same streams."""

    def __init__(self, seed: int, messages: Sequence[f.FrontendMessage]) -> None:
        self.random = random.Random(seed)
        self._messages = [to_bytes(message) for message in messages]

    def stream(self, longest: int) -> bytes:
        """Up to so many messages, at least one of them damaged."""
        messages = [self._any() for _ in range(self.random.randint(1, longest))]
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            at = self.random.randrange(len(messages))
            messages[at] = self.damaged(messages[at])
        return b"".join(messages)

    def damaged(self, message: bytes) -> bytes:
        piece = bytearray(message)
        if not piece:
            return self.random.randbytes(3)
        at = self.random.randrange(len(piece))
        match self.random.randrange(9):
            case 0:
                piece[at] ^= 1 << self.random.randrange(8)
            case 1:
                piece[at] = self.random.randrange(256)
            case 2:
                del piece[at : at + self.random.randint(1, 8)]
            case 3:
                piece[at:at] = self.random.randbytes(self.random.randint(1, 8))
            case 4:
                struct.pack_into("!I", piece := piece.ljust(5), 1, self.random.choice(LENGTHS))
            case 5:  # a number or a length inside
                piece[at : at + 4] = struct.pack("!I", self.random.choice(LENGTHS))
            case 6:
                piece[at : at + 2] = struct.pack("!H", self.random.choice(LENGTHS) & 0xFFFF)
            case 7:
                piece += self._any()[at % 7 :]
            case _:  # longer, and says so
                piece[at:at] = self.random.randbytes(self.random.choice((1, 100, 5000)))
                if len(piece) > 5:
                    struct.pack_into("!I", piece, 1, len(piece) - 1)
        return bytes(piece)

    def _any(self) -> bytes:
        return self.random.choice(self._messages)
