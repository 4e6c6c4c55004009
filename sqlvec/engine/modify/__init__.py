"""INSERT, UPDATE, DELETE and COPY FROM: rows checked, numbered, written, and told to the indexes."""
