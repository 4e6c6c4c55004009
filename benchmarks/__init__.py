"""Benchmarks: what sqlvec promises, measured through its own front door."""
