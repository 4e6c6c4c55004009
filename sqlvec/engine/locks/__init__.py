"""Locks: what transactions hold against each other, and who waits for whom."""
