"""Advisory locks: pg_advisory_lock and its many forms (PostgreSQL 9.28.10)."""

from __future__ import annotations

from collections.abc import Sequence

from . import resource
from .modes import Mode
from .owner import LockOwner
from .resource import Resource

_LOW = 0xFFFFFFFF


def lock(owner: LockOwner, operation: str, keys: Sequence[int], patience: float) -> bool:
    """`operation` is lock, try_lock or unlock, _xact and _shared behind; `keys` one bigint or two integers.

    True when the lock is held, or was given back.
    """
    target = _resource(keys)
    mode = Mode.SHARE if operation.endswith("_shared") else Mode.EXCLUSIVE
    match operation.removesuffix("_shared"):
        case "lock":
            owner.hold(target, mode, patience)
            return True
        case "try_lock":
            return owner.try_hold(target, mode)
        case "lock_xact":
            owner.lock(target, mode, patience)
            return True
        case "try_lock_xact":
            return owner.try_lock(target, mode)
        case _:
            return owner.give_back(target, mode)


def _resource(keys: Sequence[int]) -> Resource:
    if len(keys) == 1:
        return resource.advisory(keys[0] >> 32 & _LOW, keys[0] & _LOW, 1)
    return resource.advisory(keys[0] & _LOW, keys[1] & _LOW, 2)
