"""Authentication: one method per file, each a generator of challenges."""
