"""The PostgreSQL v3 protocol without I/O: messages, bytes, phases."""
