"""Transcripts: what a client sends and what it is answered, as text (tests/golden/wire/*.golden).

# a comment                       a block is: comments, what the client sends, ----, the answers
connect                           a new connection, through start-up already
stranger                          a new connection, nothing sent yet
stranger host all all all reject  the same where TLS is possible, under this rule of access
tls                               the TLS handshake; "tls alice" with her certificate
F Query "select 1"                a message: the arguments of its class in frontend_messages.py
F raw "00 00 00 08"               these bytes
----
B CommandComplete SELECT 1        an answer
= closed                          what became of the connection, if it ended
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from sqlvec.core.errors import InternalError
from sqlvec.wire.auth.access import Access
from sqlvec.wire.auth.channel import Channel
from sqlvec.wire.auth.hba import parse_rules
from sqlvec.wire.conversation import Conversation, Next
from sqlvec.wire.handlers.startup import Entrance
from sqlvec.wire.protocol import frontend_messages
from sqlvec.wire.protocol.encryption import ClientCertificate, Encryption
from tests.support.fake_backend import FakeBackend
from tests.wire.client_side import read, startup, to_bytes

LOCAL = Channel(ip_address("127.0.0.1"))
_NAMES = {**vars(frontend_messages), "Startup": startup}


class ConversationPair:
    """A conversation and its client, without a socket."""

    def __init__(self, access: Access | None = None, *, has_tls: bool = False) -> None:
        self.backend = FakeBackend()
        entrance = Entrance(self.backend, access or Access(), LOCAL, lambda role: None, has_tls)
        self.conversation = Conversation(entrance)
        self.is_closed = False

    def connect(self) -> ConversationPair:
        self.exchange(to_bytes(startup(user="u")))
        return self

    def shake_hands(self, *, common_name: str | None = None) -> None:
        """What the transport does when both sides want TLS."""
        certificate = ClientCertificate(common_name) if common_name else None
        encryption = Encryption("TLSv1.3", "cipher", "postgresql", b"end point", certificate)
        self.conversation.encrypted(encryption)

    def exchange(self, sent: bytes) -> bytes:
        """Send these bytes; all that is answered to them."""
        answer = b""
        if self.is_closed:
            return answer
        self.conversation.receive_data(sent)
        while True:
            try:
                burst = self.conversation.advance()
            except Exception as error:  # what client.py does
                self.conversation.fail(InternalError(f"internal error: {error}"))
                continue
            answer += burst.output
            if burst.next is not Next.ADVANCE:
                self.is_closed = burst.next is Next.CLOSE
                return answer


@dataclass(slots=True)
class Block:
    comments: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join([*self.comments, *self.inputs, *(["----", *self.outputs] if self.inputs else [])])


def parse(text: str) -> list[Block]:
    blocks = []
    for paragraph in text.strip().split("\n\n"):
        lines = paragraph.splitlines()
        cut = lines.index("----") if "----" in lines else len(lines)
        head = [line for line in lines[:cut] if line.startswith("#")]
        blocks.append(Block(head, lines[len(head) : cut], lines[cut + 1 :]))
    return blocks


def play(path: Path) -> str:
    """The file, with the answers that come today."""
    pair = ConversationPair().connect()
    blocks = parse(path.read_text())
    for block in blocks:
        sent = b""
        for line in block.inputs:
            match line.split(maxsplit=2):
                case ["connect"]:
                    pair = ConversationPair().connect()
                case ["stranger"]:
                    pair = ConversationPair()
                case ["stranger", *rule]:
                    pair = ConversationPair(Access(parse_rules([" ".join(rule)])), has_tls=True)
                case ["tls", *names]:
                    pair.exchange(sent)
                    pair.shake_hands(common_name=names[0] if names else None)
                    sent = b""
                case ["F", "raw", octets]:
                    sent += bytes.fromhex(octets.strip('"'))
                case ["F", name, *arguments]:
                    sent += to_bytes(eval(f"{name}({''.join(arguments)})", _NAMES))
                case _:
                    raise AssertionError(f"{path.name}: what is {line!r}?")
        was_closed = pair.is_closed
        answers = read(pair.exchange(sent))
        end = ["= closed"] if pair.is_closed and not was_closed else []
        block.outputs = [*(f"B {line}" for line in answers), *end]
    return "\n\n".join(map(str, blocks)) + "\n"
