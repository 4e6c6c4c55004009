SELECT name, section, embedding <=> %(query)s::vector AS distance
FROM debian_packages
WHERE tags @> ARRAY['role::program', 'interface::commandline']
ORDER BY distance
LIMIT 5;
