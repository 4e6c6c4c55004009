"""Shell: a psql-like prompt over psycopg. It knows the protocol, nothing of the server's insides."""

from .prompt import run_shell

__all__ = ["run_shell"]
