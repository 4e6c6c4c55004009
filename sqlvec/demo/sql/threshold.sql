SELECT name, section, embedding <=> %(query)s::vector AS distance
FROM debian_packages
WHERE embedding <=> %(query)s::vector < 0.45
ORDER BY distance;
