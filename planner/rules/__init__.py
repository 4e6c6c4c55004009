"""Rewrites of a bound plan, one file per rule."""
