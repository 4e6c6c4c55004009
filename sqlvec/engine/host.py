"""Host: what a session needs of its engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlvec.core.outcome import Outcome, ResultColumn
from sqlvec.planner import statements as st
from sqlvec.planner.cost.vector_scan import Costs
from sqlvec.storage.store import Store

from .locks.manager import LockManager
from .prepared import Prepared
from .values import ParameterValues

if TYPE_CHECKING:
    from .session import Session


class Runner(Protocol):
    """Runs statements: engine.commands."""

    def run(self, session: Session, prepared: Prepared, values: ParameterValues) -> Outcome: ...

    def columns(self, session: Session, statement: st.Statement) -> tuple[ResultColumn, ...] | None: ...


class Host(Protocol):
    """What a session needs of its engine."""

    @property
    def store(self) -> Store: ...

    @property
    def costs(self) -> Costs: ...

    @property
    def commands(self) -> Runner: ...

    @property
    def locks(self) -> LockManager: ...

    def sessions(self) -> list[Session]: ...

    def forget(self, session: Session) -> None: ...
