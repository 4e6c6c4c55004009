"""Types: what the database knows about each PostgreSQL type. Start at registry.py."""
