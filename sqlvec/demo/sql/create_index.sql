CREATE INDEX ON debian_packages USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 100);
