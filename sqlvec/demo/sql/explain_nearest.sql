EXPLAIN ANALYZE
SELECT name, embedding <=> %(query)s::vector AS distance
FROM debian_packages
ORDER BY distance
LIMIT 10;
