"""sqlvec: a vector database that speaks PostgreSQL."""

__version__ = "0.1.0"
