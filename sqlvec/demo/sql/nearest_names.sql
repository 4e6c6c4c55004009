SELECT name, section, embedding <=> %(query)s::vector AS distance
FROM debian_packages
ORDER BY distance
LIMIT 5;
