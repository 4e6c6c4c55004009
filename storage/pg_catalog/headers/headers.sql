-- Prints the headers of one group of system relations as the modules beside this file hold them: run it on
-- PostgreSQL 15 with psql -At -v group=... -f headers.sql and paste the answer, folded, between the marks.
-- A line per relation, `name oid kind`, then its columns: name, type, "!" where it is NOT NULL.
-- Types that sqlvec does not have become what carries them: text, or text[] for aclitem[].
WITH relations AS (
    SELECT
        c.oid, c.relname, c.relkind,
        CASE
            WHEN n.nspname = 'information_schema' THEN 'information_schema'
            WHEN c.relkind = 'r' THEN 'tables'
            WHEN c.relname LIKE 'pg\_stat%' THEN 'statistics'
            ELSE 'views'
        END AS group_name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('pg_catalog', 'information_schema')
        AND c.relkind IN ('r', 'v')
        -- Left out: what we would have to fill and cannot; an empty answer would be wrong.
        AND c.relname !~ '^(pg_timezone|pg_config$|pg_hba_|pg_ident_|pg_file_settings|pg_shmem_)'
        AND c.relname !~ '^(pg_backend_memory_|pg_stat_(slru|archiver|bgwriter|wal)$|pg_statistic$)'
        AND c.relname !~ '^(pg_(shadow|group|conversion|ts_\w+|largeobject\w*|replication_origin\w*)$)'
        AND (n.nspname = 'pg_catalog' OR c.relname IN (
            'applicable_roles', 'character_sets', 'check_constraints', 'collations', 'columns',
            'constraint_column_usage', 'constraint_table_usage', 'domain_constraints', 'domains',
            'element_types', 'enabled_roles', 'information_schema_catalog_name', 'key_column_usage',
            'referential_constraints', 'schemata', 'sequences', 'table_constraints', 'tables', 'triggers',
            'user_defined_types', 'view_column_usage', 'view_table_usage', 'views'))
), described AS (
    SELECT
        r.oid, r.relname, r.relkind,
        string_agg(
            a.attname || ':' || CASE
                WHEN t.typname IN ('pg_node_tree', 'pg_ndistinct', 'pg_dependencies', 'pg_mcv_list',
                    'anyarray', 'inet', 'pg_lsn') THEN 'text'
                WHEN t.typname IN ('_aclitem', '_pg_statistic') THEN '_text'
                ELSE t.typname
            END || CASE WHEN a.attnotnull THEN '!' ELSE '' END,
            ' ' ORDER BY a.attnum
        ) AS columns
    FROM relations r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE r.group_name = :'group'
    GROUP BY r.oid, r.relname, r.relkind
)
SELECT relname || ' ' || oid || ' ' || relkind::text || E'\n' || columns
FROM described
ORDER BY relname COLLATE "C";
