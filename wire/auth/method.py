"""AuthenticationMethod: what a file in this folder offers.

A method is a generator of challenges, `answer = yield ...` then `message = yield AWAIT`; it returns when
it is satisfied and raises 28000 or 28P01 (FATAL) when it is not. AuthenticationOk is not its business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlvec.core.login_role import LoginRole

from ..dialogue import Dialogue
from .channel import Channel


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks to come in; `role` is None when there is none of that name, which nobody may learn."""

    user: str
    database: str
    channel: Channel
    role: LoginRole | None
    mock_secret: bytes = field(repr=False)  # makes the salts of those who have none


AuthenticationMethod: TypeAlias = Callable[[Applicant], Dialogue]
