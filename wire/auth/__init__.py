"""Authentication: who may come in, and how they prove who they are."""
