"""Durable tables in DuckDB, vector indexes in FAISS; never sees a client's SQL text."""
