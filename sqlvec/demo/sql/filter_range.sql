SELECT name, installed_kb, is_library, embedding <=> %(query)s::vector AS distance
FROM debian_packages
WHERE installed_kb BETWEEN 100 AND 1000 AND NOT is_library
ORDER BY distance
LIMIT 5;
