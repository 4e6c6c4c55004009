"""The binder: PostgreSQL's tree to a typed tree for DuckDB, every name resolved."""
