"""Stack depth: how deeply a statement may nest, and the error beyond it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from .types.type_errors import StatementTooComplex

# Frames. Python's 1,000 are few for a statement written by a program; with 4,000 a parser in C stays within
# half of a thread's usual 8 MB.
_FRAMES: Final = 4_000
_HINT: Final = (
    'Increase the configuration parameter "max_stack_depth" (currently 2048kB), '
    "after ensuring the platform's stack depth limit is adequate."
)


def allow_deep_statements() -> None:
    """Let this process nest as deeply as statements may; never less than it could."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))


def too_deep(position: int | None = None) -> StatementTooComplex:
    return StatementTooComplex("stack depth limit exceeded", hint=_HINT, position=position)


@contextmanager
def stack_depth() -> Iterator[None]:
    """54001 where the statement nests too deeply."""
    try:
        yield
    except RecursionError as error:
        raise too_deep() from error
