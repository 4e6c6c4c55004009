SELECT name, meta->>'priority' AS priority, embedding <=> %(query)s::vector AS distance
FROM debian_packages
WHERE meta->>'priority' = 'required'
ORDER BY distance
LIMIT 5;
