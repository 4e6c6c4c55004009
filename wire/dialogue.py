"""Dialogue: what a handler is, a generator of answers that may wait for the client's next message.

def greet(session: Session) -> Dialogue:
    yield NoticeResponse(...)          # an answer
    message = yield AWAIT              # the client's next message
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import Final, Literal, TypeAlias, TypeVar

from .protocol.backend_messages import BackendMessage
from .protocol.frontend_messages import FrontendMessage


class Wish(Enum):
    """What a handler may yield besides answers."""

    AWAIT = "the client's next message"


AWAIT: Final = Wish.AWAIT

_Result = TypeVar("_Result")

DialogueOf: TypeAlias = Generator[BackendMessage | Literal[Wish.AWAIT], FrontendMessage | None, _Result]
Dialogue: TypeAlias = DialogueOf[None]
