"""Views of information_schema about privileges: their columns in PostgreSQL 15."""

# The form is explained in headers.sql.
GRANTS = """
column_privileges 13276 v
    grantor:sql_identifier grantee:sql_identifier table_catalog:sql_identifier
    table_schema:sql_identifier table_name:sql_identifier column_name:sql_identifier
    privilege_type:character_data is_grantable:yes_or_no
role_table_grants 13396 v
    grantor:sql_identifier grantee:sql_identifier table_catalog:sql_identifier
    table_schema:sql_identifier table_name:sql_identifier privilege_type:character_data
    is_grantable:yes_or_no with_hierarchy:yes_or_no
table_privileges 13437 v
    grantor:sql_identifier grantee:sql_identifier table_catalog:sql_identifier
    table_schema:sql_identifier table_name:sql_identifier privilege_type:character_data
    is_grantable:yes_or_no with_hierarchy:yes_or_no
"""
