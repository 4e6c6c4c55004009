"""AuthenticationMethod: what a file in this folder offers.

A method is a generator of challenges, `answer = yield ...` then `message = yield AWAIT`; it returns when
it is satisfied and raises 28000 or 28P01 (FATAL) when it is not. AuthenticationOk is not its business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..dialogue import Dialogue

AuthenticationMethod: TypeAlias = Callable[[str], Dialogue]  # takes the user's name
