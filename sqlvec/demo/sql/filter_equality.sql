SELECT name, section, version, embedding <=> %(query)s::vector AS distance
FROM debian_packages
WHERE section = 'python'
ORDER BY distance
LIMIT 5;
