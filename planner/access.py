"""Access: what a bound statement does with one relation, for the privilege check before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Access:
    """Filled in while binding. `required` are letters of aclitem: r, a, w, d for rows, U for a sequence.

    `role` is None for whoever runs the statement, else the owner of the view that it is read through.
    `system` names a relation of the system catalogs. Columns are attribute numbers.
    """

    relation: int
    required: str = ""
    role: int | None = None
    system: str | None = None
    selected: set[int] = field(default_factory=set)
    inserted: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
