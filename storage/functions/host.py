"""FunctionHost: what SQL functions need of the session and the catalog."""

from __future__ import annotations

from typing import Protocol


class FunctionHost(Protocol):
    """Answers while DuckDB runs a statement, from any of its threads; may raise SqlError.

    An implementation must not use the cursor that runs the statement, nor wait for a lock that the thread
    which started the statement holds.
    """

    def nextval(self, session: int, sequence_oid: int, count: int) -> list[int]:
        """`count` fresh values, in the order in which they were drawn."""
        ...

    def next_identity(self, session: int, sequence_oid: int, count: int) -> list[int]:
        """As nextval, for an identity column: who may insert may number."""
        ...

    def has_privilege(
        self, session: int, kind: str, user: str, item: str, column: str, wanted: str
    ) -> bool | None: ...

    def role_name(self, session: int, oid: int) -> str: ...

    def currval(self, session: int, sequence_oid: int) -> int: ...

    def lastval(self, session: int) -> int: ...

    # setval() and set_config() are called with SQL's positional arguments.
    def setval(self, session: int, sequence_oid: int, value: int, is_called: bool) -> int: ...  # noqa: FBT001

    def sequence_state(self, sequence_oid: int) -> tuple[int, int]:
        """The last value, and whether it was called as 0 or 1."""
        ...

    def set_config(self, session: int, name: str, value: str, is_local: bool) -> str: ...  # noqa: FBT001

    def current_setting(self, session: int, name: str, missing_ok: bool) -> str | None: ...  # noqa: FBT001

    def advisory_lock(self, session: int, operation: str, keys: list[int]) -> bool:
        """See engine.locks.advisory."""
        ...

    def advisory_unlock_all(self, session: int) -> str: ...

    def cancel_backend(self, session: int, process_id: int) -> bool:
        """False when there is no such session."""
        ...

    def terminate_backend(self, session: int, process_id: int) -> bool:
        """Also its connection; False when there is no such session."""
        ...

    def blocking_pids(self, process_id: int) -> list[int]: ...

    def relation_size(self, oid: int) -> int: ...

    def index_definition(self, oid: int) -> str | None: ...

    def constraint_definition(self, oid: int) -> str | None: ...

    def relation_oid(self, session: int, name: str) -> int:
        """The OID of a relation or index as regclass's input reads its name; raises 42P01."""
        ...

    def relation_name(self, session: int, oid: int) -> str | None:
        """As regclass prints it: qualified where the search path does not lead to it; None if unknown."""
        ...

    def is_visible(self, session: int, oid: int) -> bool:
        """Whether a relation's or index's plain name means it."""
        ...

    def serial_sequence(self, session: int, table: str, column: str) -> str | None:
        """The sequence that numbers a column, by its qualified name."""
        ...

    def check_interrupt(self, session: int | None) -> None:
        """Raise QueryCanceled if the session's statement was cancelled; None if the SQL named no session."""
        ...
