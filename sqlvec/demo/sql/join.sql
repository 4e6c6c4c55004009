WITH nearest AS (
    SELECT name, section, installed_kb, embedding <=> %(query)s::vector AS distance
    FROM debian_packages
    ORDER BY distance
    LIMIT 100
)
SELECT s.label, count(*) AS packages, min(n.distance) AS closest, sum(n.installed_kb) AS installed_kb,
       sum(count(*)) OVER () AS of_all
FROM nearest n
JOIN sections s ON s.section = n.section
GROUP BY s.label
ORDER BY packages DESC, closest
LIMIT 6;
