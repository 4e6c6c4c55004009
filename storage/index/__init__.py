"""Vector indexes: FAISS access methods, exact search, calibration, index files; all in ordinals."""
