"""The Postgres v3 server; knows the database only through the Protocols of backend.py."""
