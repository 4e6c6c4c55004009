"""Cancel: a connection that lives only to interrupt another."""

from __future__ import annotations

from ..backend import Backend
from ..protocol.frontend_messages import CancelRequest


def cancel(backend: Backend, request: CancelRequest) -> None:
    """Never answers, as PostgreSQL: a stranger learns nothing about keys; a client waits for the close."""
    backend.cancel(request.process_id, request.secret_key)
