"""Demo: a guided tour of a server of its own, over the packaged Debian data."""

from .run import run_demo

__all__ = ["run_demo"]
