-- How large each table and index is, and what VACUUM and ANALYZE have noted of it.
SELECT n.nspname, c.relname, pg_relation_size(c.oid) / current_setting('block_size')::int8, c.reltuples, c.relallvisible
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'i', 'p') AND (c.reltuples > 0 OR c.relkind = 'i')
  AND pg_relation_size(c.oid) IS NOT NULL
  AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
  AND n.nspname <> ALL (%(exclude)s)
