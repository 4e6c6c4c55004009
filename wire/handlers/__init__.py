"""Handlers: a client message to session calls and answers, one file per sub-protocol."""
